import Testing

@testable import NetworkSetup

@Suite struct HostNameTests {
    @Test(arguments: [
        ("vitrine", "vitrine"), ("Küche 2", "kueche-2"), ("  Café  Été! ", "cafe-ete"),
        ("Grandma's frame", "grandmas-frame"),
        ("日本", "vitrine"), ("-a-", "a"), ("a_b.c", "a-b-c"), ("Łódź", "lodz"),
        (String(repeating: "x", count: 80), String(repeating: "x", count: 63)),
    ])
    func labels(_ name: String, _ label: String) { #expect(HostName.label(of: name) == label) }
}
