import HTTPTypes
import Hummingbird

/// A whole file as body: `curl -T photo.jpg http://vitrine.local/api/v1/media/`.
enum PutRoute {
    static func all(_ uploads: any UploadAccess) -> [Route] {
        [
            Route(.put, "/api/v1/media/{id}") { request throws(ProblemError) in
                let name = try request.parameter("id")
                guard name.utf8.count <= MediaRoutes.largestName else {
                    throw .badRequest("A name has at most \(MediaRoutes.largestName) bytes.")
                }
                if let coding = request.header(.contentEncoding), coding.lowercased() != "identity" {
                    throw .unsupportedMedia(
                        "The body is encoded as \(coding).", suggestion: "Send the file as it is.")
                }
                guard request.header(.contentRange) == nil else {
                    throw .badRequest(
                        "A part of a file cannot be put.",
                        suggestion: "Send it whole, or use /api/v1/uploads to resume.")
                }
                let size = request.contentLength
                if let size, let maximum = await uploads.maximumSize, size > maximum {
                    throw .tooLarge("The file has \(size) bytes; \(maximum) are taken at most.")
                }
                let medium = try await uploads.put(name: name, size: size, body: request.body())
                return try .json(
                    medium, status: .accepted,
                    headers: [.location: "/api/v1/media/\(PercentCoding.encode(medium.id))"])
            }
        ]
    }
}
