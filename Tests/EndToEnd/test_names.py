"""A file name is data, whatever is in it."""

from appliance import Refused
from support import ApplianceTest, fixtures

NAMES = [
    "with space.png", "quo\"te's `back`.png", "new\nline.png", "../../etc/passwd.png", "..", ".hidden", "a/b/c.png",
    "emoji 🦊🎞️.png", "مرحبا بالعالم.png", "שלום.png", "日本語.png", "‮gnp.exe", "%2e%2e%2f.png", "con.png",
    "x" * 251 + ".png", "é" * 125 + ".png", "<script>alert(1)</script>.png", "semi;colon&amp.png", "tab\there.png",
]


class Names(ApplianceTest):
    def test_names_come_and_go_unchanged(self):
        content = fixtures()["photo.png"].read_bytes()
        for index, name in enumerate(NAMES):
            with self.subTest(name):
                # A byte behind the end makes each file another content: the same content is kept once.
                item = self.appliance.settled(self.appliance.put(name, content + bytes([index]))["id"])
                self.assertEqual(item["state"], "ready", item)
                self.assertEqual(item["name"], name)
                self.assertEqual(self.appliance.medium(item["id"])["name"], name)
                self.assertIn(item["id"], [each["id"] for each in self.appliance.media()])
                self.appliance.show(item["id"])
                original = self.appliance.request("GET", f"/api/v1/media/{item['id']}/file")
                self.assertEqual(original[1], content + bytes([index]))
                self.assertNotIn("\n", original[0].headers["Content-Disposition"])
                self.appliance.request("DELETE", f"/api/v1/media/{item['id']}")
                with self.assertRaises(Refused) as refused:
                    self.appliance.medium(item["id"])
                self.assertEqual(refused.exception.status, 404)
        self.assertEqual(list((self.appliance.data / "library").iterdir()), [])
        self.assertIn("no faults", self.appliance.command("index", "check"))

    def test_a_name_that_is_too_long_is_refused_with_words(self):
        with self.assertRaises(Refused) as refused:
            self.appliance.put("x" * 256, b"x")
        self.assertEqual(refused.exception.problem["category"], "validation_error")
        self.assertIn("255", refused.exception.problem["detail"])
