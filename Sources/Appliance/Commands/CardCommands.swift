import ArgumentParser
import BoardSupport
import CardSettings
import DeviceSettings
import DisplayDrivers
import LinuxSystem
import NetworkSetup
import PanelBus
import SystemPackage

/// `vitrine card`: what stands on the card's FAT partition becomes the system's settings.
struct CardCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "card", abstract: "The settings on the card's FAT partition.",
        discussion: "The card image runs `vitrine card apply` at each start, as root.",
        subcommands: [CardApply.self, CardCheck.self, CardName.self, CardErase.self])

    /// The wires of a product, as the panels' catalogue has them.
    static func panelDevice(_ name: String) -> String? {
        guard case .preset(let preset)? = PanelCatalogue.entry(named: name) else { return nil }
        return preset.wiring.device
    }
}

/// Where a card's files are; the defaults are the image's.
struct CardPlaces: ParsableArguments {
    @Option(help: "The FAT partition.") var firmware = "/boot/firmware"
    @Option(help: "The folder of the system's settings.") var system = "/data/system"
    @Option(help: "The daemon's data folder.") var data = "/var/lib/vitrine"
    @Option(help: "What the system's programs read.") var run = "/run/vitrine-system"
    @Option(help: "What the daemon reads about the start.") var report = "/run/vitrine-boot"

    var roots: CardRoots {
        CardRoots(
            firmware: FilePath(firmware), system: FilePath(system), data: FilePath(data), run: FilePath(run),
            report: FilePath(report))
    }
}

/// What the card is in.
struct CardMachineChoice: ParsableArguments {
    @Flag(help: "The card is a folder: nothing is mounted, and the host keeps its name.") var simulated = false

    func of(_ roots: CardRoots) -> any CardMachine {
        simulated ? SimulatedCardMachine() : LinuxCardMachine(firmware: roots.firmware)
    }
}

struct CardApply: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Take over what is new on the card, and make the system's settings.")
    @OptionGroup var places: CardPlaces
    @OptionGroup var machine: CardMachineChoice

    func run() throws {
        let roots = places.roots
        let plan = CardPlan(CardState(roots: roots), panelDevice: CardCommand.panelDevice)
        let outcome = CardApplier(roots: roots, machine: machine.of(roots)).apply(plan)
        for fault in plan.faults { say(fault.description) }
        for failure in outcome.failures { say(failure) }
        if plan.needsRestart, outcome.isWhole {
            // The unit looks for it. Once the lines are on the card they are not new any more, so that it happens once.
            let mark = roots.run.appending("restart")
            do throws(Errno) {
                try DurableFile.replace(mark, with: [])
                say("a device was switched on or off: it takes a restart")
            } catch {
                throw CommandFailure.failed("\(mark) cannot be made: \(error)")
            }
        }
        if !outcome.isWhole { throw CommandFailure.failed("The card's settings were not taken over whole.") }
    }
}

struct CardName: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "name", abstract: "Take the next name, because another device in the network has this one.",
        discussion: "The card image runs it when the daemon asks; the next start begins with the first name again.")
    @OptionGroup var places: CardPlaces
    @OptionGroup var machine: CardMachineChoice

    func run() throws {
        let roots = places.roots
        let settings = CardState(roots: roots).settings
        let choice = NameChoice(
            wanted: HostName.label(of: settings.text("device.name")), serial: BoardIdentity.read().serial)
        let present = SystemdNetwork.currentHostName()
        guard let next = choice.next(after: present) else {
            // avahi puts a number behind it then.
            return say("\(present) is another's, and there is no name left")
        }
        do throws(Errno) {
            for file in NetworkWishes(hostName: next).files where ["hostname", "hosts"].contains(file.name) {
                try DurableFile.replace(roots.run.appending(file.name), with: Array(file.text.utf8))
            }
            try machine.of(roots).setHostName(next)
        } catch {
            throw CommandFailure.failed("the name \(next) cannot be taken: \(error)")
        }
        say("\(present) is another's in this network: now \(next)")
    }
}

struct CardErase: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase", abstract: "Have the next start of the board erase the data partition.",
        discussion: "It leaves the file erase-data on the card, as a person does on a computer. The card image runs it "
            + "when somebody asked for it on the page or by a button, and the data cannot be written.")
    @OptionGroup var places: CardPlaces
    @OptionGroup var machine: CardMachineChoice

    func run() throws {
        let roots = places.roots
        do throws(Errno) {
            try CardApplier(roots: roots, machine: machine.of(roots)).wishErasure()
        } catch {
            throw CommandFailure.failed("erase-data cannot be left on the card: \(error)")
        }
        say("the next start erases the data partition")
    }
}

struct CardCheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "List every fault of the files on the card, and change nothing.")
    @OptionGroup var places: CardPlaces

    func run() throws {
        let plan = CardPlan(CardState(roots: places.roots), panelDevice: CardCommand.panelDevice)
        for fault in plan.faults { say(fault.description) }
        guard plan.faults.isEmpty else {
            throw CommandFailure.failed("\(plan.faults.count) faults; each costs its key alone.")
        }
        say("no faults")
    }
}
