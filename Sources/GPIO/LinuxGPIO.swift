#if GPIO
    import CGpiod
    import LinuxSystem
    import SystemPackage

    #if canImport(Glibc)
        import Glibc
    #endif

    /// The kernel's GPIO chips through libgpiod 2 (https://libgpiod.readthedocs.io/en/v2.1.3/).
    struct LinuxGPIO: GPIOHost {
        func problem(with line: LineName) -> String? {
            do throws(GPIOError) {
                let place = try find(line)
                guard let info = gpiod_chip_get_line_info(place.chip.pointer, place.offset) else { return nil }
                defer { gpiod_line_info_free(info) }
                guard gpiod_line_info_is_used(info) else { return nil }
                let consumer = gpiod_line_info_get_consumer(info).map { String(cString: $0) } ?? "somebody else"
                return "line \(line) is in use by \(consumer); free it or choose another"
            } catch {
                return error.description
            }
        }

        func output(_ line: LineName, initially isHigh: Bool, consumer: String) throws(GPIOError) -> any GPIOOutput {
            let lines = try take(line, as: "an output", consumer: consumer) { settings in
                gpiod_line_settings_set_direction(settings, GPIOD_LINE_DIRECTION_OUTPUT)
                gpiod_line_settings_set_output_value(
                    settings, isHigh ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE)
            }
            return LinuxOutput(line: line, lines: lines)
        }

        func input(
            _ line: LineName, _ how: GPIOInputSettings, consumer: String
        ) throws(GPIOError) -> any GPIOInput {
            let lines = try take(line, as: "an input", consumer: consumer) { settings in
                gpiod_line_settings_set_direction(settings, GPIOD_LINE_DIRECTION_INPUT)
                gpiod_line_settings_set_bias(
                    settings, how.pull == .up ? GPIOD_LINE_BIAS_PULL_UP : GPIOD_LINE_BIAS_PULL_DOWN)
                gpiod_line_settings_set_active_low(settings, how.activeLow)
                gpiod_line_settings_set_edge_detection(settings, GPIOD_LINE_EDGE_BOTH)
                gpiod_line_settings_set_event_clock(settings, GPIOD_LINE_CLOCK_MONOTONIC)
                gpiod_line_settings_set_debounce_period_us(
                    settings, UInt(clamping: how.debounce.wholeNanoseconds / 1_000))
            }
            return try LinuxInput(line: line, lines: lines)
        }

        private func take(
            _ line: LineName, as use: String, consumer: String, _ prepare: (OpaquePointer) -> Void
        ) throws(GPIOError) -> LineRequest {
            let place = try find(line)
            // Each is null only without memory.
            guard let settings = gpiod_line_settings_new() else { throw GPIOError(line, "no memory", .noMemory) }
            defer { gpiod_line_settings_free(settings) }
            guard let lines = gpiod_line_config_new() else { throw GPIOError(line, "no memory", .noMemory) }
            defer { gpiod_line_config_free(lines) }
            guard let request = gpiod_request_config_new() else { throw GPIOError(line, "no memory", .noMemory) }
            defer { gpiod_request_config_free(request) }
            prepare(settings)
            var offset = place.offset
            gpiod_line_config_add_line_settings(lines, &offset, 1, settings)
            gpiod_request_config_set_consumer(request, consumer)
            guard let taken = gpiod_chip_request_lines(place.chip.pointer, request, lines) else {
                let code = Errno(rawValue: errno)
                if code == .resourceBusy { throw GPIOError(line, problem(with: line) ?? "it is in use", code) }
                throw GPIOError(line, "it cannot be \(use): \(code)", code)
            }
            return LineRequest(taken, offset: offset)
        }

        /// A chip that is open.
        private final class Chip {
            let pointer: OpaquePointer
            init?(_ path: String) {
                guard gpiod_is_gpiochip_device(path), let pointer = gpiod_chip_open(path) else { return nil }
                self.pointer = pointer
            }
            deinit { gpiod_chip_close(pointer) }

            func headerOffset(of name: String) -> UInt32? {
                guard let info = gpiod_chip_get_info(pointer) else { return nil }
                defer { gpiod_chip_info_free(info) }
                return HeaderChip.offset(
                    of: name, label: String(cString: gpiod_chip_info_get_label(info)),
                    lineCount: gpiod_chip_info_get_num_lines(info))
            }
        }

        private func find(_ line: LineName) throws(GPIOError) -> (chip: Chip, offset: UInt32) {
            switch line {
            case .offset(let name, let offset):
                guard let chip = Chip("/dev/\(name)") else {
                    let code = Errno(rawValue: errno)
                    throw GPIOError(line, "/dev/\(name) cannot be opened: \(code)\(advice(code))", code)
                }
                return (chip, offset)
            case .named(let name):
                var refused: (String, Errno)?
                var numbered: (chip: Chip, offset: UInt32)?
                for path in Self.chips() {
                    guard let chip = Chip(path) else {
                        refused = (path, Errno(rawValue: errno))
                        continue
                    }
                    let offset = gpiod_chip_get_line_offset_from_name(chip.pointer, name)
                    if offset >= 0 { return (chip, UInt32(offset)) }
                    if numbered == nil, let offset = chip.headerOffset(of: name) { numbered = (chip, offset) }
                }
                // Not so called anywhere: then by its number.
                if let numbered { return numbered }
                if let (path, code) = refused {
                    throw GPIOError(line, "\(path) cannot be opened: \(code)\(advice(code))", code)
                }
                throw GPIOError(line, "no GPIO chip of this machine has a line of this name", .noSuchFileOrDirectory)
            }
        }

        private func advice(_ code: Errno) -> String {
            code == .permissionDenied ? "; the user that runs vitrine belongs into the group gpio" : ""
        }

        private static func chips() -> [String] {
            let names = (try? FolderNames.list("/dev")) ?? []
            return names.filter { $0.hasPrefix("gpiochip") }.map { "/dev/\($0)" }
        }
    }

    private final class LinuxOutput: GPIOOutput {
        private let line: LineName
        private let lines: LineRequest

        init(line: LineName, lines: LineRequest) { (self.line, self.lines) = (line, lines) }

        func set(_ isHigh: Bool) throws(GPIOError) {
            do throws(Errno) {
                try lines.set(isHigh)
            } catch {
                throw GPIOError(line, "it cannot be driven: \(error)", error)
            }
        }
    }
#endif
