import SystemPackage
import Testing

@testable import CardSettings

@Suite struct EraseWishTests {
    @Test func aWishIsOnTheCardAndTheCardIsClosed() throws {
        let card = try CardFixture()
        try CardApplier(roots: card.roots, machine: card.machine).wishErasure()
        #expect(card.bytes(.firmware("erase-data")) != nil)
        #expect(card.text(.erasureAnswer) == "granted\n")
        #expect(card.machine.state == .init(cardIsOpen: false, openings: 1))
    }

    @Test func aLockedCardTakesNone() throws {
        let card = try CardFixture(lockedCard: true)
        #expect(throws: Errno.readOnlyFileSystem) {
            try CardApplier(roots: card.roots, machine: card.machine).wishErasure()
        }
        #expect(card.bytes(.eraseWish) == nil)
        #expect(card.text(.erasureAnswer) == "refused the card is write-protected\n")
    }

    /// What cannot be written leaves no card open.
    @Test func aCardThatFailsIsClosed() throws {
        let card = try CardFixture()
        // A folder that has the name: nothing can be put in its place.
        card.write(.firmware("erase-data/inside"), "x")
        #expect(throws: Errno.self) { try CardApplier(roots: card.roots, machine: card.machine).wishErasure() }
        #expect(!card.machine.state.cardIsOpen)
        #expect(card.text(.erasureAnswer).hasPrefix("refused the card cannot be written: "))
    }
}
