#if canImport(Glibc)
    import Glibc
#endif

/// The file of the Unix socket. The server listens at another name first and gets this one when the mode is right, so
/// there is no moment at which somebody else could connect, and none without a socket at a restart.
struct UnixSocketFile: Sendable {
    /// Owner and group: being allowed to open it is being trusted.
    static let mode: mode_t = 0o660
    /// `sun_path` of unix(7), with its final zero and the end of the temporary name.
    private static let longestPath = 107 - 4

    let path: String
    var temporaryPath: String { path + ".new" }

    /// Makes the folder if it is missing. Refuses a path that is too long, is another kind of file, or has somebody listening.
    func prepare() throws(WebServerError) {
        guard path.utf8.count <= Self.longestPath else {
            throw WebServerError(
                "the path of the socket has more than \(Self.longestPath) bytes: \(path)",
                suggestion: "Choose a shorter web.socket.")
        }
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        if !folder.isEmpty, mkdir(folder, 0o755) != 0, errno != EEXIST { throw failure("make the folder \(folder)") }
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw WebServerError("\(path) is there and is no socket", suggestion: "Choose another web.socket.")
        }
        if isAnswered() {
            throw WebServerError(
                "another daemon listens at \(path)", suggestion: "Stop it, or choose another web.socket.")
        }
    }

    /// Takes the place at the final name, over a socket that a dead daemon left.
    func publish() throws(WebServerError) {
        guard chmod(temporaryPath, Self.mode) == 0 else { throw failure("set the mode of \(temporaryPath)") }
        guard rename(temporaryPath, path) == 0 else { throw failure("name the socket \(path)") }
    }

    func remove() { unlink(path) }

    private func isAnswered() -> Bool {
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { place in
            place.copyBytes(from: path.utf8.prefix(place.count - 1))
        }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }

    private func failure(_ what: String) -> WebServerError {
        WebServerError("cannot \(what): \(String(cString: strerror(errno)))")
    }
}
