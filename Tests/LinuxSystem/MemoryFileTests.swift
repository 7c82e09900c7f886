import SystemPackage
import Testing

@testable import LinuxSystem

#if canImport(Glibc)
    import Glibc
#endif

@Suite struct MemoryFileTests {
    @Test func isSharedWithABorrower() throws {
        let file = try MemoryFile(name: "test", byteCount: 8_192)
        let borrowed = try MemoryFile(borrowed: try file.descriptor.duplicate(), byteCount: 8_192)
        #expect(file.withBytes { bytes in bytes.allSatisfy { $0 == 0 } })
        borrowed.withBytes { $0[8_191] = 42 }
        #expect(file.withBytes { $0[8_191] } == 42)
    }

    @Test func cannotChangeItsSize() throws {
        let file = try MemoryFile(name: "test", byteCount: 4_096)
        #expect(ftruncate(file.descriptor.rawValue, 0) == -1)
        #expect(errno == EPERM)
        #expect(ftruncate(file.descriptor.rawValue, 8_192) == -1)
    }

    @Test func takesNoMoreThanThereIs() throws {
        let file = try MemoryFile(name: "test", byteCount: 4_096)
        #expect(throws: Errno.invalidArgument) { try MemoryFile(borrowed: file.descriptor, byteCount: 4_097) }
        #expect(throws: Errno.invalidArgument) { try MemoryFile(borrowed: file.descriptor, byteCount: 0) }
    }

    @Test func takesNothingUnsealed() throws {
        let folder = try TemporaryFolder()
        let path = folder.path.appending("file")
        try DurableFile.replace(path, with: [UInt8](repeating: 0, count: 4_096))
        let file = try Descriptor.open(path, .readWrite)
        // A regular file has no seals at all: EINVAL from the kernel.
        #expect(throws: Errno.invalidArgument) { try MemoryFile(borrowed: file, byteCount: 4_096) }
    }

    @Test func refusesWhatNoMachineHas() {
        #expect(throws: Errno.noMemory) { try MemoryFile(name: "test", byteCount: MemoryFile.maximumByteCount + 1) }
    }

    @Test func countsWhatIsAllocated() throws {
        let size = 3 << 20
        let file = try MemoryFile(name: "test", byteCount: size)
        #expect(MemoryFile.allocatedByteCount >= size)
        // A borrower's mapping is the lender's memory.
        let before = MemoryFile.allocatedByteCount
        let borrowed = try MemoryFile(borrowed: file.descriptor, byteCount: size)
        #expect(borrowed.byteCount == size)
        #expect(MemoryFile.allocatedByteCount <= before + size)
    }
}

@Suite struct PacketSocketTests {
    @Test func keepsPacketsApart() throws {
        let (ours, theirs) = try PacketSocket.pair()
        #expect(try ours.send([1, 2, 3]))
        #expect(try ours.send([4]))
        #expect(try packet(theirs) == [1, 2, 3])
        #expect(try packet(theirs) == [4])
    }

    @Test func carriesADescriptor() throws {
        let (ours, theirs) = try PacketSocket.pair()
        let memory = try MemoryFile(name: "lent", byteCount: 4_096)
        #expect(try ours.send([1], with: memory.descriptor))
        guard case .packet([1], let attached?) = try theirs.receive(acceptingDescriptors: true) else {
            Issue.record("no descriptor came")
            return
        }
        let borrowed = try MemoryFile(borrowed: attached, byteCount: 4_096)
        memory.withBytes { $0[7] = 9 }
        #expect(borrowed.withBytes { $0[7] } == 9)
        #expect(fcntl(attached.rawValue, F_GETFD) & FD_CLOEXEC != 0)
    }

    @Test func leavesADescriptorThatIsNotWanted() throws {
        let (ours, theirs) = try PacketSocket.pair()
        let inode = try pipeInode { end throws(Errno) in _ = try theirs.send([1], with: end) }
        guard case .packet([1], nil) = try ours.receive(acceptingDescriptors: false) else {
            Issue.record("the packet did not come alone")
            return
        }
        #expect(try !openInodes().contains(inode))
    }

    @Test func hasNothingNow() throws {
        let (ours, theirs) = try PacketSocket.pair()
        guard case .nothing = try ours.receive(acceptingDescriptors: false) else {
            Issue.record("something came")
            return
        }
        _ = theirs
    }

    @Test func seesTheEnd() throws {
        let ours = try PacketSocket.pair().nonblocking
        guard case .ended = try ours.receive(acceptingDescriptors: false) else {
            Issue.record("no end came")
            return
        }
        #expect(throws: Errno.brokenPipe) { try ours.send([1]) }
    }

    @Test func shutDownIsSeenThoughTheDescriptorStays() throws {
        let (ours, theirs) = try PacketSocket.pair()
        #expect(try ours.send([5]))
        ours.shutDown()
        ours.shutDown()
        // What was sent before still comes.
        #expect(try packet(theirs) == [5])
        guard case .ended = try theirs.receive(acceptingDescriptors: true) else {
            Issue.record("no end came")
            return
        }
    }

    @Test func saysWhenThePeerDoesNotRead() throws {
        let (ours, theirs) = try PacketSocket.pair()
        var sent = 0
        while try ours.send([UInt8](repeating: 0, count: 1_024)), sent < 100_000 { sent += 1 }
        #expect((1..<100_000).contains(sent))
        _ = theirs
    }

    @Test func refusesPacketsThatAreTooLong() throws {
        let (ours, theirs) = try PacketSocket.pair()
        #expect(try theirs.send([UInt8](repeating: 1, count: PacketSocket.maximumByteCount)))
        #expect(try packet(ours)?.count == PacketSocket.maximumByteCount)
        #expect(try theirs.send([UInt8](repeating: 1, count: PacketSocket.maximumByteCount + 1)))
        #expect(throws: Errno.messageTooLong) { try ours.receive(acceptingDescriptors: false) }
    }

    private func packet(_ socket: PacketSocket) throws -> [UInt8]? {
        if case .packet(let bytes, _) = try socket.receive(acceptingDescriptors: false) { bytes } else { nil }
    }

    /// Makes a pipe that is found nowhere else, hands its end to the body and closes both ends of its own.
    private func pipeInode(_ body: (Descriptor) throws(Errno) -> Void) throws -> UInt {
        var ends: [CInt] = [-1, -1]
        #expect(pipe(&ends) == 0)
        let first = Descriptor(adopting: ends[0])
        let second = Descriptor(adopting: ends[1])
        var status = stat()
        fstat(first.rawValue, &status)
        try body(second)
        return UInt(status.st_ino)
    }

    private func openInodes() throws -> Set<UInt> {
        var inodes: Set<UInt> = []
        for number in 0..<CInt(1_024) {
            var status = stat()
            if fstat(number, &status) == 0, status.st_mode & S_IFMT == S_IFIFO { inodes.insert(UInt(status.st_ino)) }
        }
        return inodes
    }
}
