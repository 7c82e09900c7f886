// A decoder that a hostile file has taken over: it enters the real sandbox, tries to get out of it, from its main thread
// and from a thread of libavcodec's, and prints a line for each attempt on standard error.
//
//     MisbehavingDecoder            both layers
//     MisbehavingDecoder landlock   Landlock alone

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
let report = Sandbox.enter(landlockAlone ? .landlock : .all)
say("sandbox no_new_privs \(report.noNewPrivileges ?? "in force")")
say("sandbox landlock \(report.landlock ?? "in force")")
say("sandbox seccomp \(report.seccomp ?? "in force")")

misbehave("main", tcpSocket, unixSocket, landlockAlone ? 1 : 0)

// libavcodec's workers are started now, with the filter in force, as the decoder's are.
let settings = (tcp: tcpSocket, unix: unixSocket, few: CInt(landlockAlone ? 1 : 0))
if let failure = LibavWorker.run({ misbehave("worker", settings.tcp, settings.unix, settings.few) }) {
    say("worker failed \(failure)")
    exit(1)
}
say("done")
