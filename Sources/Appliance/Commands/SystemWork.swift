import WebInterface

extension Connection {
    private struct Begun: Codable { var job: Job? }

    /// Begins work on the appliance, tells what it has to say, and returns when it has ended.
    ///
    /// - Parameter action: the last part of the path: `cleanup`, `rebuild-index`.
    func work(_ action: String) async throws {
        guard let job = try decodeAnswer(Begun.self, try await call(.post, "/api/v1/system/\(action)")).job else {
            return
        }
        let path = "/api/v1/jobs/\(percentEncoded(job.id))"
        let asJSON = json
        // The log ends with the job.
        try await lines("\(path)/log") { line in
            guard !asJSON, line.hasPrefix("data: ") else { return }
            if let entry = try? decodeAnswer(JobLogLine.self, Array(line.dropFirst(6).utf8)) {
                say(visible(entry.text))
            }
        }
        let bytes = try await call(.get, path)
        if asJSON { say(String(decoding: bytes, as: UTF8.self)) }
        let ended = try decodeAnswer(Job.self, bytes)
        guard ended.state == .failed else { return }
        throw CommandFailure.failed(
            [ended.reason, ended.suggestion].compactMap { $0 }.joined(separator: ". "))
    }
}
