import BoardSupport
import DeviceSettings
import Testing
import WebInterface

@testable import Appliance

@Suite struct I2CPartsTests {
    private func status(
        _ state: WebPlayerStatus.State, _ name: String?, urls: [String] = ["http://10.0.0.7/"],
        faults: [StatusFault] = []
    ) -> ApplianceStatus {
        ApplianceStatus(
            device: DeviceStatus(name: "kitchen", version: "1", uptimeSeconds: 1),
            board: BoardStatus(model: "Raspberry Pi Zero 2 W", architecture: "aarch64"), display: DisplayStatus(),
            player: WebPlayerStatus(
                state: state, rule: "all",
                current: name.map { WebPlayerStatus.Current(id: "1", name: $0, kind: .image) }),
            memory: MemoryStatus(
                level: "normal", availableBytes: 1,
                cache: MemoryStatus.Cache(budgetBytes: 0, usedBytes: 0, frames: 0, hits: 0, misses: 0)),
            decoder: WebDecoderStatus(state: "idle", restarts: 0),
            storage: StorageStatus(freeBytes: 1, totalBytes: 1, isReadOnly: false), network: NetworkStatus(urls: urls),
            faults: faults)
    }

    @Test func anOLEDTellsWhatTheStatusSays() {
        #expect(
            StatusLines(status(.playing, "Sunset.jpg"))
                == StatusLines(name: "kitchen", addresses: ["http://10.0.0.7/"], state: .playing("Sunset.jpg")))
        #expect(StatusLines(status(.paused, "Sunset.jpg")).state == .paused("Sunset.jpg"))
        #expect(StatusLines(status(.idle, nil)).state == .waiting)
        let fault = StatusFault(part: "storage", detail: "The card is full")
        #expect(StatusLines(status(.idle, nil, faults: [fault])).fault == "The card is full")
    }

    @Test func anAddressThatNobodyElseReachesIsNone() {
        let urls = ["http://127.0.0.1:8080/", "http://[::1]:8080/"]
        #expect(StatusLines(status(.idle, nil, urls: urls)).addresses.isEmpty)
    }

    @Test func theSettingKnowsTheWordsOfTheOLEDs() throws {
        let key = try #require(
            SettingKey.all(paths: StandardPaths(environment: [:], userID: 0)).first { $0.name == "i2c.oled" })
        #expect(key.shape == .choice(OLEDChoice.words))
    }
}
