import WebInterface

// Both the web interface and the rooms behind it have a `Job`, a `MediaPage` and so on, each its own: what goes over HTTP
// is no other room's business. An adapter speaks of both, so that one of them needs another name.

typealias WebJob = Job
typealias WebJobLine = JobLogLine
typealias WebMediaQuery = MediaQuery
typealias WebMediaPage = MediaPage
typealias WebPlayerStatus = PlayerStatus
typealias WebDecoderStatus = DecoderStatus
typealias WebChecksum = UploadChecksum
