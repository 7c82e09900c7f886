import ArgumentParser
import WebInterface

/// `vitrine jobs …`
struct JobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs", abstract: "What the appliance is working on.", subcommands: [List.self, Log.self])

    private struct Answer: Codable { var items: [Job] }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Running and finished work, newest first.")
        @OptionGroup var connection: Connection

        func run() async throws {
            let bytes = try await connection.call(.get, "/api/v1/jobs")
            if connection.json { return say(String(decoding: bytes, as: UTF8.self)) }
            for job in try decodeAnswer(Answer.self, bytes).items {
                let progress = job.progress.map { " \(Int($0 * 100)) %" } ?? ""
                let why = [job.reason, job.suggestion].compactMap(\.self).joined(separator: " ")
                say(
                    "\(job.id)  \(job.state.rawValue)\(progress)  \(visible(job.title))\(why.isEmpty ? "" : "  (\(why))")"
                )
            }
        }
    }

    struct Log: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "What a piece of work has to say.")
        @Argument var id: String
        @Flag(help: "Wait for more until it has ended.") var follow = false
        @OptionGroup var connection: Connection

        func run() async throws {
            let path = "/api/v1/jobs/\(percentEncoded(id))/log" + (follow ? "" : "?follow=false")
            let asJSON = connection.json
            try await connection.lines(path) { line in
                guard line.hasPrefix("data: ") else { return }
                let data = Array(line.dropFirst(6).utf8)
                if asJSON { return say(String(decoding: data, as: UTF8.self)) }
                if let entry = try? decodeAnswer(JobLogLine.self, data) { say(entry.text) }
            }
        }
    }
}
