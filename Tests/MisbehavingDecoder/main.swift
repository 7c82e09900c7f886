// A decoder that a hostile file has taken over: it enters the real sandbox, tries to get out of it, from its main thread
// and from a thread of libavcodec's, and prints a line for each attempt on standard error.
//
//     MisbehavingDecoder            both layers
//     MisbehavingDecoder landlock   Landlock alone
//     MisbehavingDecoder device     both, with an exception for one device
//     MisbehavingDecoder gone       both, with an exception for a device that is not there

import CMisbehaviour
import DecoderProtocol
import DecoderSandbox
import Glibc

func say(_ line: String) {
    let text = line + "\n"
    _ = text.withCString { write(2, $0, strlen($0)) }
}

// Made before, as a descriptor that was left open would be: connecting must fail though a socket is there.
let tcpSocket = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
let unixSocket = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)

let landlockAlone = CommandLine.arguments.contains("landlock")
// Any device will do, and every machine has this one.
let device =
    CommandLine.arguments.contains("device")
    ? "/dev/null" : CommandLine.arguments.contains("gone") ? "/dev/vitrine-gone" : nil
let report = Sandbox.enter(landlockAlone ? .landlock : .all, devices: device.map { [$0] } ?? [])
say("sandbox no_new_privs \(report.noNewPrivileges ?? "in force")")
say("sandbox landlock \(report.landlock ?? "in force")")
say("sandbox seccomp \(report.seccomp ?? "in force")")

misbehave("main", tcpSocket, unixSocket, landlockAlone ? 1 : 0)
if let device { misbehave_with_device("main", device) }

// libavcodec's workers are started now, with the filter in force, as the decoder's are.
let settings = (tcp: tcpSocket, unix: unixSocket, few: CInt(landlockAlone ? 1 : 0), device: device)
let failure = LibavWorker.run {
    misbehave("worker", settings.tcp, settings.unix, settings.few)
    if let device = settings.device { misbehave_with_device("worker", device) }
}
if let failure {
    say("worker failed \(failure)")
    exit(1)
}
say("done")
