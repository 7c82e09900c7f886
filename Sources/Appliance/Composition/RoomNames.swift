import DecoderClient
import Intake
import MediaIndex
import Playback

// The other half of `WebNames.swift`.

typealias IntakeJob = Job
typealias IndexQuery = MediaQuery
typealias IntakeChecksum = UploadChecksum
typealias PoolStatus = DecoderStatus
typealias PlaybackStatus = PlayerStatus
