package import SystemPackage

extension MediaFault {
    /// A system call on the data folder failed.
    package init(_ code: Errno, _ what: String, _ path: FilePath) {
        switch code {
        case .noSpace, .diskQuotaExceeded:
            self.init(
                .noRoom, .system, reason: "there is no room on the disk: \(what) \(path) failed",
                suggestion: "Delete media that are no longer needed, or use a larger card")
        case .readOnlyFileSystem, .permissionDenied, .notPermitted:
            self.init(
                .readOnly, .system, reason: "the data folder cannot be written: \(what) \(path): \(code)",
                suggestion: "The card may be worn out or write-protected: save what is on it and replace it")
        case .ioError:
            self.init(
                .storage, .system, reason: "the disk failed: \(what) \(path): \(code)",
                suggestion: "Save what is on the card and replace it")
        default:
            self.init(
                .storage, .system, reason: "\(what) \(path) failed: \(code)",
                suggestion: "See whether the data folder is there and belongs to the user that runs Vitrine")
        }
    }
}

/// Says what a failing system call was for.
package func attempt<Value>(
    _ what: String, _ path: FilePath, _ body: () throws(Errno) -> Value
) throws(MediaFault) -> Value {
    do throws(Errno) {
        return try body()
    } catch {
        throw MediaFault(error, what, path)
    }
}
