import Crypto
import LinuxSystem
public import MediaIndex
import SystemPackage

extension UploadStore {
    /// Appends a piece. With the last byte the upload becomes a medium before this returns.
    ///
    /// What came before an interruption is kept, unless the piece has a checksum: such a piece is kept whole or not at
    /// all. A request that comes while another one writes takes the upload over from it.
    ///
    /// - Parameters:
    ///   - offset: where the sender believes the upload to stand.
    ///   - endsUpload: the end of `bytes` is the end of the file, for uploads of a size that was not announced.
    /// - Throws: `.notFound`, `.offsetMismatch`, `.busy`, `.checksumMismatch`, `.interrupted`, `.tooLarge`, `.noRoom`,
    ///   `.notMedia` (the upload is gone then), `.readOnly`, `.storage`.
    public func append<Bytes: AsyncSequence & Sendable>(
        to id: MediumID, at offset: Int, checksum: UploadChecksum? = nil, endsUpload: Bool = false, bytes: Bytes
    ) async throws(MediaFault) -> UploadInfo where Bytes.Element == [UInt8] {
        guard uploads[id] != nil else {
            let done = try await info(id)
            guard offset == done.offset else { throw .offsetMismatch(offset, done.offset) }
            return done
        }
        let number = try await takeOver(id)
        do throws(MediaFault) {
            return try await append(id, number, offset, checksum, endsUpload, bytes)
        } catch {
            release(id, number)
            throw error
        }
    }

    private func append<Bytes: AsyncSequence & Sendable>(
        _ id: MediumID, _ number: Int, _ offset: Int, _ checksum: UploadChecksum?, _ endsUpload: Bool, _ bytes: Bytes
    ) async throws(MediaFault) -> UploadInfo where Bytes.Element == [UInt8] {
        guard let upload = uploads[id] else { throw .notFound(id) }
        guard offset == upload.state.offset else { throw .offsetMismatch(offset, upload.state.offset) }
        let folder = library.folder
        let limits = PartWriter.Limits(
            size: upload.record.size, maximum: settings.maximumByteCount, reserve: settings.reserveByteCount)
        let part = try await files.run { () throws(MediaFault) in
            try folder.requireWriting()
            return try PartWriter(folder, id, from: upload.state, limits: limits, checksum: checksum)
        }
        guard has(id, number) else { throw .takenOver }
        let pump = Task { [files] in await Self.pump(bytes, into: part, files) }
        uploads[id]?.writer?.part = part
        uploads[id]?.writer?.pump = pump
        let broken = await withTaskCancellationHandler {
            await pump.value
        } onCancel: {
            pump.cancel()
        }
        let ending = try await files.run { () throws(MediaFault) in try part.settle(whole: broken == nil) }
        guard has(id, number) else { throw .takenOver }
        // Without one the disk refused the bytes before, and the writer has ended itself.
        guard let ending else { throw broken ?? .takenOver }
        let fault = broken ?? ending.fault
        uploads[id]?.state = ending.settled
        uploads[id]?.active = library.now()
        uploads[id]?.touched = clock.now
        if let fault, fault.code == .notMedia {
            try await remove(id)
            throw fault
        }
        // With the last byte here, it does not matter how the connection ended.
        if ending.settled.offset == upload.record.size || (endsUpload && fault == nil && upload.record.size == nil) {
            return try await finish(id, number)
        }
        if let fault { throw fault }
        guard !endsUpload else { throw .interrupted("the end came too early") }
        release(id, number)
        return try await info(id)
    }

    /// Carries bytes from the network to the disk, in the order that they come.
    ///
    /// - Returns: why they stopped coming; nil: they were all there.
    private static func pump<Bytes: AsyncSequence & Sendable>(
        _ bytes: Bytes, into part: PartWriter, _ files: BlockingQueue
    ) async -> MediaFault? where Bytes.Element == [UInt8] {
        do {
            for try await piece in bytes where part.gather(piece) {
                try await files.run { () throws(MediaFault) in try part.write() }
            }
            // A sequence may end early, and without an error, when its task is cancelled.
            return Task.isCancelled ? .interrupted("the connection ended") : nil
        } catch let fault as MediaFault {
            return fault
        } catch {
            return .interrupted("the connection broke (\(error))")
        }
    }

    /// Receives a whole file in one request. Nothing of it is kept unless all of it came.
    ///
    /// - Returns: the medium, in state *processing*, or the one that has the same content.
    public func put<Bytes: AsyncSequence & Sendable>(
        name: String, size: Int?, bytes: Bytes
    ) async throws(MediaFault) -> Medium where Bytes.Element == [UInt8] {
        let upload = try await create(name: name, size: size)
        do throws(MediaFault) {
            let info = try await append(to: upload.id, at: 0, endsUpload: true, bytes: bytes)
            return try await library.medium(info.medium ?? upload.id)
        } catch {
            if uploads[upload.id] != nil { try? await remove(upload.id) }
            throw error
        }
    }

    /// Makes a complete part a medium: its bytes are on the disk, then their sum, then the record that says so, then
    /// the row. It goes on when the sender has gone, until `stop()`.
    func finish(_ id: MediumID, _ number: Int) async throws(MediaFault) -> UploadInfo {
        guard has(id, number) else { throw .takenOver }
        uploads[id]?.writer?.isFinishing = true
        let work = Task { () async -> Result<Medium, MediaFault> in
            do throws(MediaFault) {
                return .success(try await complete(id))
            } catch {
                return .failure(error)
            }
        }
        finishing[id] = work
        if isStopped { work.cancel() }
        let result = await work.value
        finishing[id] = nil
        release(id, number)
        switch result {
        case .success(let medium):
            guard let upload = uploads.removeValue(forKey: id) else { throw .notFound(id) }
            return UploadInfo(
                id: id, name: upload.record.name, offset: upload.state.offset, size: upload.state.offset,
                metadata: upload.record.metadata, expiresAt: nil, medium: medium.id)
        case .failure(let fault):
            if fault.code == .notMedia { try await remove(id) }
            throw fault
        }
    }

    /// Calls off whatever would take long, which is summing large files after a restart, and begins no more of it. Those
    /// uploads stay as they are: the next start sums them again. Their senders are told `.cancelled`.
    public func stop() {
        isStopped = true
        for work in finishing.values { work.cancel() }
    }

    private func complete(_ id: MediumID) async throws(MediaFault) -> Medium {
        guard let upload = uploads[id] else { throw .notFound(id) }
        let path = library.folder.part(id)
        try await files.run { () throws(MediaFault) in
            let start = try attempt("reading", path) { () throws(Errno) in
                let file = try Descriptor.open(path, .readOnly, options: [.noFollow])
                // Again, and cheap when it is done: a restarted daemon does not know whether it was.
                try file.synchronize()
                return try DurableFile.read(from: file, at: 0, atMost: ContentSniffer.byteCount)
            }
            if let refusal = ContentSniffer.refusal(of: start) { throw refusal }
        }
        let sum: SHA256
        if let known = upload.state.sum { sum = known } else { sum = try await FileDigest.state(of: path) }
        var record = upload.record
        record.complete = UploadRecord.Completion(
            sha256: FileDigest.hex(sum.finalize()), size: upload.state.offset, addedAt: library.now())
        return try await library.receive(record)
    }

    /// Gives an unfinished upload up.
    ///
    /// - Throws: `.notFound`; `.conflict` when it has become a medium; `.busy` while it becomes one.
    public func terminate(_ id: MediumID) async throws(MediaFault) {
        guard uploads[id] != nil else {
            _ = try await info(id)
            throw MediaFault(
                .conflict, .validation, reason: "the upload is complete", suggestion: "Delete the medium instead")
        }
        _ = try await takeOver(id)
        try await remove(id)
    }

    /// Removes uploads that got no byte for a day. The time is this process's own for those that it has seen, so that
    /// a clock that jumps when the network comes expires nothing.
    public func expire() async throws(MediaFault) {
        for id in Array(uploads.keys) {
            // As it stands now: while another one was removed, bytes may have come.
            guard let upload = uploads[id], upload.writer == nil else { continue }
            let isExpired =
                if let touched = upload.touched {
                    touched.duration(to: clock.now) >= .milliseconds(settings.lifetime)
                } else {
                    library.now() - upload.active >= settings.lifetime
                }
            if isExpired { try await remove(id) }
        }
        try await forgetTwins(before: library.now() - settings.lifetime)
    }

    /// Removes the records of uploads that turned out to be kept already.
    private func forgetTwins(before limit: Int64) async throws(MediaFault) {
        let folder = library.folder
        let unfinished = Set(uploads.keys)
        try await files.run { () throws(MediaFault) in
            for name in try FolderEntries.names(in: folder.uploads) where name.hasSuffix(".json") {
                guard let id = MediumID(rawValue: String(name.dropLast(5))), !unfinished.contains(id),
                    let record = try? StoredRecord.read(UploadRecord.self, from: folder.uploadRecord(id)),
                    let complete = record.complete, complete.became != nil, complete.addedAt < limit
                else { continue }
                try FolderEntries.removeFile(folder.uploadRecord(id))
            }
        }
    }

    /// The part first: a record without one is removed at the next start.
    func remove(_ id: MediumID) async throws(MediaFault) {
        uploads[id] = nil
        let folder = library.folder
        try await files.run { () throws(MediaFault) in
            try FolderEntries.removeFile(folder.part(id))
            try FolderEntries.removeFile(folder.uploadRecord(id))
            try FolderEntries.synchronize(folder.uploads)
        }
    }
}

extension MediaFault {
    static func offsetMismatch(_ claimed: Int, _ actual: Int) -> MediaFault {
        MediaFault(
            .offsetMismatch, .validation, reason: "the upload stands at \(actual), not at \(claimed)",
            suggestion: "Ask for its offset and go on from there")
    }

    static func interrupted(_ how: String) -> MediaFault {
        MediaFault(
            .interrupted, .validation, reason: "the upload stopped before its end: \(how)",
            suggestion: "Go on from the offset that was reached")
    }
}
