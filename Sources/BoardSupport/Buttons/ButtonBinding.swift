public import GPIO

/// One action, the line of its button, and how that is wired.
public struct ButtonBinding: Sendable, Hashable {
    public var action: ButtonAction
    public var line: LineName
    /// A switch to ground is active while its line is low.
    public var activeLow: Bool
    public var pull: GPIOInputSettings.Pull
    /// How long the button must be held. Zero: it acts when it is pressed.
    public var hold: Duration

    /// - Parameters:
    ///   - pull: nil: against the switch, up for one to ground.
    ///   - hold: nil: the action's usual one.
    public init(
        _ action: ButtonAction, _ line: LineName, activeLow: Bool = true, pull: GPIOInputSettings.Pull? = nil,
        hold: Duration? = nil
    ) {
        self.action = action
        self.line = line
        self.activeLow = activeLow
        self.pull = pull ?? (activeLow ? .up : .down)
        self.hold = hold ?? action.standardHold
    }
}

/// The lines that are to be watched, each with its actions, and what of the settings cannot be had.
///
/// Several actions may share a line, told apart by how long it is held. A value that is made of settings anew with
/// each change.
public struct ButtonPlan: Sendable, Equatable {
    public private(set) var lines: [LineName: [ButtonBinding]] = [:]
    /// One sentence for each action that was left out.
    public private(set) var problems: [ButtonAction: String] = [:]

    public init(_ bindings: [ButtonBinding] = []) {
        for binding in bindings {
            let others = lines[binding.line] ?? []
            if let first = others.first, first.activeLow != binding.activeLow || first.pull != binding.pull {
                problems[binding.action] =
                    "\(binding.line) is wired differently for \(first.action.rawValue); one line has one wiring"
            } else if let rival = others.first(where: { $0.hold == binding.hold }) {
                problems[binding.action] =
                    "\(binding.line) already means \(rival.action.rawValue); "
                    + "choose another line, or another hold_ms to tell them apart"
            } else {
                lines[binding.line] = (others + [binding]).sorted { $0.hold < $1.hold }
            }
        }
    }
}
