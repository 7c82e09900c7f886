/// Each file in `Page/` with its address. SwiftPM makes a constant of each, but no list of them.
enum PageFiles {
    private static let html = "text/html; charset=utf-8"
    private static let css = "text/css; charset=utf-8"
    private static let javaScript = "text/javascript; charset=utf-8"

    static var all: [StaticPage.File] {
        [
            .init(path: "/", contentType: html, bytes: PackageResources.index_html),
            .init(path: "/api/v1/openapi.yaml", contentType: "application/yaml", bytes: PackageResources.openapi_yaml),
            .init(path: "/icon.svg", contentType: "image/svg+xml", bytes: PackageResources.icon_svg),
            .init(path: "/api.js", contentType: javaScript, bytes: PackageResources.api_js),
            .init(path: "/app.js", contentType: javaScript, bytes: PackageResources.app_js),
            .init(path: "/base.css", contentType: css, bytes: PackageResources.base_css),
            .init(path: "/bus.js", contentType: javaScript, bytes: PackageResources.bus_js),
            .init(path: "/card.js", contentType: javaScript, bytes: PackageResources.card_js),
            .init(path: "/claim.js", contentType: javaScript, bytes: PackageResources.claim_js),
            .init(path: "/details.js", contentType: javaScript, bytes: PackageResources.details_js),
            .init(path: "/dom.js", contentType: javaScript, bytes: PackageResources.dom_js),
            .init(path: "/dropping.js", contentType: javaScript, bytes: PackageResources.dropping_js),
            .init(path: "/library.css", contentType: css, bytes: PackageResources.library_css),
            .init(path: "/library.js", contentType: javaScript, bytes: PackageResources.library_js),
            .init(path: "/live.js", contentType: javaScript, bytes: PackageResources.live_js),
            .init(path: "/player.js", contentType: javaScript, bytes: PackageResources.player_js),
            .init(path: "/screen.js", contentType: javaScript, bytes: PackageResources.screen_js),
            .init(path: "/selection.js", contentType: javaScript, bytes: PackageResources.selection_js),
            .init(path: "/settings.js", contentType: javaScript, bytes: PackageResources.settings_js),
            .init(path: "/sheets.css", contentType: css, bytes: PackageResources.sheets_css),
            .init(path: "/sheets.js", contentType: javaScript, bytes: PackageResources.sheets_js),
            .init(path: "/shortcuts.js", contentType: javaScript, bytes: PackageResources.shortcuts_js),
            .init(path: "/stage.css", contentType: css, bytes: PackageResources.stage_css),
            .init(path: "/status-panel.js", contentType: javaScript, bytes: PackageResources.status_panel_js),
            .init(path: "/tus.js", contentType: javaScript, bytes: PackageResources.tus_js),
            .init(path: "/upload-row.js", contentType: javaScript, bytes: PackageResources.upload_row_js),
            .init(path: "/uploads.js", contentType: javaScript, bytes: PackageResources.uploads_js),
            .init(path: "/words.js", contentType: javaScript, bytes: PackageResources.words_js),
        ]
    }
}
