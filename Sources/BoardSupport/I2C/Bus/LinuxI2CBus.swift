import CI2C
import CLinux
import LinuxSystem
import SystemPackage

/// A bus through the kernel's character device (https://docs.kernel.org/i2c/dev-interface.html).
final class LinuxI2CBus: I2CBus {
    /// An adapter gives up by itself after a second (`i2c-bcm2835`'s timeout); this is for those that do not.
    private static let limit = Duration.milliseconds(1_500)

    let name: String
    private let device: Descriptor
    /// What the adapter can do: `I2C_FUNC_…`.
    private let functions: UInt
    private let queue: CallQueue

    private init(name: String, device: Descriptor, functions: UInt, queue: CallQueue) {
        (self.name, self.device, self.functions, self.queue) = (name, device, functions, queue)
    }

    static func open(_ path: String, clock: any BoardClock) async throws(I2CError) -> LinuxI2CBus {
        let queue = CallQueue(label: "vitrine.i2c", clock: clock)
        let opened = await queue.run(within: limit) { () -> Result<(Descriptor, UInt), Errno> in
            Result { () throws(Errno) in
                let device = try Descriptor.open(FilePath(path), .readWrite)
                var functions: UInt = 0
                try syscall { vitrine_ioctl(device.rawValue, UInt(I2C_FUNCS), &functions) }
                return (device, functions)
            }
        }
        switch opened {
        case .success((let device, let functions)):
            guard functions & UInt(I2C_FUNC_I2C) != 0 else {
                throw I2CError(bus: path, "this adapter speaks SMBus only; name another in i2c.bus", .notSupported)
            }
            return LinuxI2CBus(name: path, device: device, functions: functions, queue: queue)
        case .failure(.permissionDenied):
            throw I2CError(bus: path, "the user that runs vitrine belongs into the group i2c", .permissionDenied)
        case .failure(let code): throw I2CError(bus: path, "opening it", code)
        }
    }

    func answers(at address: I2CAddress) async throws(I2CError) -> Bool {
        // As i2cdetect: a byte is read where a chip might take a bare address for a write (EEPROMs lose data by it).
        let isQuick =
            functions & UInt(I2C_FUNC_SMBUS_QUICK) != 0
            && !(0x30...0x37).contains(address.rawValue) && !(0x50...0x5F).contains(address.rawValue)
        do throws(I2CError) {
            try await run("looking for a part", address) { (file) throws(Errno) in
                // Unlike a transfer, this is refused (EBUSY) where a driver of the kernel has the address.
                try syscall {
                    vitrine_ioctl(file, UInt(I2C_SLAVE), UnsafeMutableRawPointer(bitPattern: UInt(address.rawValue)))
                }
                // libi2c gives back the error itself, negative.
                let result = isQuick ? i2c_smbus_write_quick(file, UInt8(I2C_SMBUS_WRITE)) : i2c_smbus_read_byte(file)
                if result < 0 { throw Errno(rawValue: -result) }
            }
            return true
        } catch {
            if error.isNoAnswer { return false }
            throw error
        }
    }

    func write(_ bytes: [UInt8], to address: I2CAddress) async throws(I2CError) {
        try await run("writing \(bytes.count) bytes", address) { (file) throws(Errno) in
            var bytes = bytes
            try Self.transfer(file, address, writing: &bytes, reading: nil)
        }
    }

    func read(_ count: Int, from address: I2CAddress, after written: [UInt8]) async throws(I2CError) -> [UInt8] {
        try await run("reading \(count) bytes", address) { (file) throws(Errno) in
            var (written, bytes) = (written, [UInt8](repeating: 0, count: count))
            try bytes.withUnsafeMutableBufferPointer { (bytes) throws(Errno) in
                try Self.transfer(file, address, writing: &written, reading: bytes)
            }
            return bytes
        }
    }

    private func run<Value: Sendable>(
        _ what: String, _ address: I2CAddress, _ body: @escaping @Sendable (CInt) throws(Errno) -> Value
    ) async throws(I2CError) -> Value {
        let device = device
        let result = await queue.run(within: Self.limit) { () -> Result<Value, Errno> in
            Result { () throws(Errno) in try body(device.rawValue) }
        }
        do throws(Errno) {
            return try result.get()
        } catch {
            throw I2CError(bus: name, address: address, what, error)
        }
    }

    /// One transfer of one or two messages.
    private static func transfer(
        _ file: CInt, _ address: I2CAddress, writing: inout [UInt8], reading: UnsafeMutableBufferPointer<UInt8>?
    ) throws(Errno) {
        try writing.withUnsafeMutableBufferPointer { (writing) throws(Errno) in
            var messages: [i2c_msg] = []
            if !writing.isEmpty {
                messages.append(
                    i2c_msg(
                        addr: UInt16(address.rawValue), flags: 0, len: UInt16(writing.count),
                        buf: writing.baseAddress))
            }
            if let reading {
                messages.append(
                    i2c_msg(
                        addr: UInt16(address.rawValue), flags: UInt16(I2C_M_RD), len: UInt16(reading.count),
                        buf: reading.baseAddress))
            }
            try messages.withUnsafeMutableBufferPointer { (messages) throws(Errno) in
                var all = i2c_rdwr_ioctl_data(msgs: messages.baseAddress, nmsgs: UInt32(messages.count))
                try syscall { vitrine_ioctl(file, UInt(I2C_RDWR), &all) }
            }
        }
    }
}
