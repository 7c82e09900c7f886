import ArgumentParser
import AsyncHTTPClient
import LinuxSystem
import NIOCore
import SystemPackage
import WebInterface

#if canImport(Glibc)
    import Glibc
#endif

/// `vitrine media …`
struct MediaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "media", abstract: "List, add and remove what is played.",
        subcommands: [List.self, Add.self, Remove.self, Retry.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "All media, newest first.")
        @Option(help: "Only names with this in them.") var query: String?
        @OptionGroup var connection: Connection

        func run() async throws {
            var items: [MediaItem] = []
            var after: String?
            repeat {
                var path = "/api/v1/media?limit=200"
                if let query { path += "&query=\(percentEncoded(query))" }
                if let after { path += "&after=\(percentEncoded(after))" }
                let page = try decodeAnswer(MediaPage.self, try await connection.call(.get, path))
                items += page.items
                after = page.next
            } while after != nil
            if connection.json {
                return say(String(decoding: try encodeAnswer(MediaPage(items: items)), as: UTF8.self))
            }
            for item in items { say(Self.line(item)) }
        }

        static func line(_ item: MediaItem) -> String {
            var text = "\(item.id)  \(item.state.rawValue.padded(to: 10))  \((item.kind?.rawValue ?? "").padded(to: 9))"
            text += "  \(visible(item.name))"
            if let reason = item.reason {
                text += "  (\([reason, item.suggestion].compactMap(\.self).joined(separator: " ")))"
            }
            return text
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Upload files and wait until they are checked.")
        @Argument(help: "Photos, GIFs and videos.") var files: [String]
        @Flag(help: "Return as soon as the bytes are safe.") var noWait = false
        @OptionGroup var connection: Connection

        func run() async throws {
            var refused = 0
            for file in files {
                let item = try await add(file)
                if connection.json {
                    say(String(decoding: try encodeAnswer(item), as: UTF8.self))
                } else {
                    say(List.line(item))
                    if item.name != FilePath(file).lastComponent?.string {
                        remark("\(visible(file)): the same content is here already, under that name")
                    }
                }
                if item.state == .rejected { refused += 1 }
            }
            if refused > 0 { throw CommandFailure.failed("\(refused) of \(files.count) files were refused.") }
        }

        private func add(_ file: String) async throws -> MediaItem {
            let path = FilePath(file)
            let descriptor: Descriptor
            let size: Int
            do throws(Errno) {
                descriptor = try Descriptor.open(path, .readOnly)
                size = try descriptor.byteCount()
            } catch {
                throw CommandFailure.failed("\(file): \(error).")
            }
            let name = path.lastComponent?.string ?? file
            let progress = TerminalProgress(name: visible(name), total: size)
            let body = HTTPClientRequest.Body.stream(
                FileChunks(descriptor: descriptor, progress: progress), length: .known(Int64(size)))
            let answer = try await connection.call(
                .put, "/api/v1/media/\(percentEncoded(name))", body: body, contentType: "application/octet-stream",
                deadline: .hours(24))
            progress.end()
            var item = try decodeAnswer(MediaItem.self, answer)
            let deadline = ContinuousClock.now + .seconds(600)
            while item.state == .processing, !noWait, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(200))
                item = try decodeAnswer(
                    MediaItem.self, try await connection.call(.get, "/api/v1/media/\(item.id)"))
            }
            return item
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Delete a medium for good.")
        @Argument var id: String
        @OptionGroup var connection: Connection

        func run() async throws {
            _ = try await connection.call(.delete, "/api/v1/media/\(percentEncoded(id))")
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Try a medium again that was set aside.")
        @Argument var id: String
        @OptionGroup var connection: Connection

        func run() async throws {
            let bytes = try await connection.call(.post, "/api/v1/media/\(percentEncoded(id))/retry")
            if connection.json { return say(String(decoding: bytes, as: UTF8.self)) }
            say(List.line(try decodeAnswer(MediaItem.self, bytes)))
        }
    }
}

/// A file in pieces of 64 KB, read as they are sent.
private struct FileChunks: AsyncSequence, Sendable {
    let descriptor: Descriptor
    let progress: TerminalProgress

    struct Iterator: AsyncIteratorProtocol {
        let descriptor: Descriptor
        let progress: TerminalProgress

        // The command line has nothing else to do while it reads: blocking a thread of its pool costs nobody.
        mutating func next() async throws -> ByteBuffer? {
            var buffer = ByteBufferAllocator().buffer(capacity: 65536)
            let count = try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: 65536) { bytes in
                try syscall { read(descriptor.rawValue, bytes.baseAddress, 65536) }
            }
            progress.add(count)
            return count == 0 ? nil : buffer
        }
    }

    func makeAsyncIterator() -> Iterator { Iterator(descriptor: descriptor, progress: progress) }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: Swift.max(0, width - count))
    }
}
