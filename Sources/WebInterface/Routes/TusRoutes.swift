import HTTPTypes
import Hummingbird

/// Uploads that survive a lost connection: tus 1.0.0 (https://tus.io/protocols/resumable-upload).
enum TusRoutes {
    static let version = "1.0.0"
    private static let collection = "/api/v1/uploads"
    private static let one = "/api/v1/uploads/{id}"
    private static let contentType = "application/offset+octet-stream"

    static func all(_ store: any UploadAccess) -> [Route] {
        var routes = [
            Route(
                .options, collection,
                handle: tus(isVersionNeeded: false) { _ throws(ProblemError) in
                    await capabilities(of: store)
                }),
            Route(
                .options, one,
                handle: tus(isVersionNeeded: false) { _ throws(ProblemError) in
                    await capabilities(of: store)
                }),
            Route(.post, collection, handle: tus { request throws(ProblemError) in try await create(request, store) }),
            Route(
                .head, one,
                handle: tus { request throws(ProblemError) in
                    var fields = fields(of: try await store.uploadForResuming(try request.parameter("id")))
                    fields[.cacheControl] = "no-store"
                    return Response(status: .ok, headers: fields)
                }),
            Route(.patch, one, handle: tus { request throws(ProblemError) in try await append(request, store) }),
            // Not of tus: what the upload became.
            Route(
                .get, one,
                handle: tus(isVersionNeeded: false) { request throws(ProblemError) in
                    try .json(try await store.upload(try request.parameter("id")))
                }),
        ]
        if let store = store as? any UploadTermination {
            routes.append(
                Route(
                    .delete, one,
                    handle: tus { request throws(ProblemError) in
                        try await store.terminate(try request.parameter("id"))
                        return Response(status: .noContent)
                    }))
        }
        return routes
    }

    /// Checks the version of the protocol, and adds ours to each answer.
    private static func tus(isVersionNeeded: Bool = true, _ handle: @escaping Route.Handler) -> Route.Handler {
        { request throws(ProblemError) in
            do throws(ProblemError) {
                if isVersionNeeded, request.header(.tusResumable) != version {
                    throw ProblemError(
                        status: 412, category: .validation, title: "Unknown version",
                        detail: "Uploads follow tus \(version).",
                        suggestion: "Send the header Tus-Resumable: \(version).",
                        headers: [.init("Tus-Version", version)])
                }
                var response = try await handle(request)
                response.headers[.tusResumable] = version
                return response
            } catch {
                var problem = error
                problem.headers.append(.init("Tus-Resumable", version))
                throw problem
            }
        }
    }

    /// What the store can do, from what it is: nothing here is a promise of its own.
    static func extensions(of store: any UploadAccess) -> [String] {
        var names = ["creation", "creation-with-upload"]
        if store is any UploadVerification { names.append("checksum") }
        if store is any UploadExpiration { names.append("expiration") }
        if store is any UploadTermination { names.append("termination") }
        return names
    }

    private static func capabilities(of store: any UploadAccess) async -> Response {
        var fields: HTTPFields = [
            .tusVersion: version, .tusExtension: extensions(of: store).joined(separator: ","),
        ]
        if let maximum = await store.maximumSize { fields[.tusMaxSize] = String(maximum) }
        if let store = store as? any UploadVerification {
            fields[.tusChecksumAlgorithm] = store.checksumAlgorithms.joined(separator: ",")
        }
        return Response(status: .noContent, headers: fields)
    }

    private static func fields(of upload: UploadStatus) -> HTTPFields {
        var fields: HTTPFields = [
            .uploadOffset: String(upload.offset), .uploadLength: String(upload.size),
        ]
        // tus 1.0.0: what came with the creation is given back as it came.
        if let metadata = upload.metadata { fields[.uploadMetadata] = metadata }
        if !upload.isComplete, let moment = upload.expiresAt { fields[.uploadExpires] = moment.httpDate }
        return fields
    }

    private static func create(_ request: WebRequest, _ store: any UploadAccess) async throws(ProblemError) -> Response
    {
        guard request.header(.uploadDeferLength) == nil else {
            throw .badRequest("The length of an upload has to be known.", suggestion: "Send the header Upload-Length.")
        }
        guard let size = request.header(.uploadLength).flatMap(count) else {
            throw .badRequest("Upload-Length has to be a number of bytes.")
        }
        if let maximum = await store.maximumSize, size > maximum {
            throw .tooLarge("The file has \(size) bytes; \(maximum) are taken at most.")
        }
        guard let metadata = UploadMetadata(header: request.header(.uploadMetadata)) else {
            throw .badRequest("Upload-Metadata has to be pairs of a key and a value in Base64.")
        }
        let name = metadata.filename ?? "upload"
        guard name.utf8.count <= MediaRoutes.largestName else {
            throw .badRequest("A name has at most \(MediaRoutes.largestName) bytes.")
        }
        // What is wrong with the first piece is said before there is an upload that holds room for a day.
        if request.hasBody { try checkContentType(request) }
        var upload = try await store.create(
            NewUpload(name: name, size: size, metadata: request.header(.uploadMetadata)))
        var fields: HTTPFields = [.location: "\(collection)/\(PercentCoding.encode(upload.id))"]
        if request.hasBody {
            upload = try await add(request, to: upload.id, at: 0, store)
        }
        fields[.uploadOffset] = String(upload.offset)
        if !upload.isComplete, let moment = upload.expiresAt { fields[.uploadExpires] = moment.httpDate }
        return Response(status: .created, headers: fields)
    }

    private static func append(_ request: WebRequest, _ store: any UploadAccess) async throws(ProblemError) -> Response
    {
        try checkContentType(request)
        guard let offset = request.header(.uploadOffset).flatMap(count) else {
            throw .badRequest("Upload-Offset has to be a number of bytes.")
        }
        let upload = try await add(request, to: try request.parameter("id"), at: offset, store)
        var fields: HTTPFields = [.uploadOffset: String(upload.offset)]
        if !upload.isComplete, let moment = upload.expiresAt { fields[.uploadExpires] = moment.httpDate }
        return Response(status: .noContent, headers: fields)
    }

    private static func add(
        _ request: WebRequest, to id: String, at offset: Int, _ store: any UploadAccess
    ) async throws(ProblemError) -> UploadStatus {
        guard let header = request.header(.uploadChecksum) else {
            return try await store.append(request.body(), to: id, at: offset)
        }
        let parts = header.split(separator: " ")
        guard let store = store as? any UploadVerification, parts.count == 2,
            store.checksumAlgorithms.contains(parts[0].lowercased()), let digest = Base64.decode(parts[1])
        else {
            throw .badRequest(
                "Upload-Checksum is of no kind that is known here.",
                suggestion: "The header Tus-Checksum-Algorithm of an OPTIONS request lists them.")
        }
        let checksum = UploadChecksum(algorithm: parts[0].lowercased(), digest: digest)
        return try await store.append(request.body(), to: id, at: offset, verifying: checksum)
    }

    private static func checkContentType(_ request: WebRequest) throws(ProblemError) {
        guard request.header(.contentType)?.lowercased() == contentType else {
            throw .unsupportedMedia(
                "The bytes of an upload have a content type of their own.",
                suggestion: "Send the header Content-Type: \(contentType).")
        }
    }

    /// Digits only: `Int` takes a sign, too.
    private static func count(_ text: String) -> Int? {
        !text.isEmpty && text.utf8.allSatisfy { (48...57).contains($0) } ? Int(text) : nil
    }
}
