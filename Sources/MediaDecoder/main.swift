import CLinux
// vitrine-decoder: parses and decodes media that nobody vouches for. It is given an open file and lent buffers over the
// socket that is its standard input, and can do nothing else once it is in its sandbox.
//
//     vitrine-decoder [--memory-mb N]
//
// Plain top-level code on one thread: the sandbox binds this thread and those that it starts later, so nothing may
// start one before.

import CFFmpeg
import DecoderProtocol
import DecoderSandbox
import LinuxSystem
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

let memoryMegabytes = DecoderArguments.memoryMegabytes(CommandLine.arguments)
ProcessLimits.apply(memory: memoryMegabytes * 1_000_000)
let connection = PacketSocket(adopting: Descriptor(adopting: 0))
do {
    guard let role = try DecoderLoop.greeting(connection) else {
        DecoderArguments.complain("standard input brought no greeting: the daemon starts this program")
        exit(2)
    }
    if role == .intake { ProcessLimits.yieldToOthers() }
    // What a damaged file makes libav say is in the answer; a log line for each macroblock helps nobody.
    av_log_set_level(AV_LOG_QUIET)
    PhotoReaders.prepare()
    let board = BoardDecoders.look()
    let report = Sandbox.enter(devices: board.devices.map(\.path))
    // What only loading 80 libraries needed.
    vitrine_release_code()
    _ = try connection.send(DecoderAnswer.hello(version: DecoderProtocolVersion.current, sandbox: report).encoded())
    var loop = DecoderLoop(socket: connection, hardware: HardwareUse(board, sandbox: report))
    try loop.run()
} catch .brokenPipe {
    // The daemon has gone; so do we.
} catch {
    DecoderArguments.complain("the connection to the daemon failed: \(error)")
    exit(1)
}
