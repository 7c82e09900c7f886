extension DecoderPool {
    /// No process has anything to do, so that nothing changes here before a moment comes. For time that leaps.
    package var isStill: Bool {
        processes.values.allSatisfy { process in
            switch process.state {
            case .launching, .greeting, .leaving: false
            case .gone: true
            case .ready:
                !process.hasHungUp && process.channel?.hasBacklog != true && process.session?.machine.isOwed != true
            }
        }
    }

    /// The same, from the loop's thread.
    package nonisolated var isStillOnLoop: Bool { assumeIsolated { $0.isStill } }
}
