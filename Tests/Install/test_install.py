"""install.sh and uninstall.sh in a Debian root: what is there afterwards, twice over, and what is left at the end.

Started by `run`, in mount and process spaces of its own."""

import hashlib
import json
import os
import pathlib
import shutil
import stat
import subprocess
import tempfile
import time
import unittest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = pathlib.Path(os.environ["VITRINE_PROGRAMS"])
LOWER = pathlib.Path(os.environ["VITRINE_ROOT"])
# What apt and dpkg note for themselves.
NOISE = ("proc", "sys", "dev", "run", "tmp", "source", "programs", "var/cache", "var/log", "var/lib/apt", "var/lib/dpkg",
         "etc/ld.so.cache", "etc/resolv.conf", "etc/passwd-", "etc/group-", "etc/shadow-", "etc/gshadow-")


def host(*command, **options):
    return subprocess.run(command, check=True, timeout=300, text=True, capture_output=True, **options).stdout


class Root:
    """The root of packages, with a layer in memory above it that takes what is changed."""

    def __init__(self, release):
        self.memory = pathlib.Path(tempfile.mkdtemp(prefix="vitrine-install-"))
        host("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", str(self.memory))
        self.path = self.memory / "root"
        for name in ("upper", "work", "root"):
            (self.memory / name).mkdir()
        host("mount", "-t", "overlay", "-o",
             f"lowerdir={LOWER},upperdir={self.memory}/upper,workdir={self.memory}/work", "overlay", str(self.path))
        host("mount", "-t", "proc", "proc", str(self.path / "proc"))
        host("mount", "--rbind", "/dev", str(self.path / "dev"))
        for name, folder in (("source", REPOSITORY), ("programs", release)):
            (self.path / name).mkdir(exist_ok=True)
            host("mount", "--bind", str(folder), str(self.path / name))
        shutil.copy("/etc/resolv.conf", self.path / "etc/resolv.conf")

    def close(self):
        subprocess.run(["umount", "-R", "-l", str(self.memory)], check=False, capture_output=True)
        self.memory.rmdir()

    def run(self, command, status=0, user=None):
        """A command of the shell inside; what it said. Fails when it does not end with this status."""
        call = ["chroot", str(self.path)]
        if user:
            call += ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", "--no-new-privs"]
        # From nobody's terminal: a question would find no answer.
        done = subprocess.run(
            [*call, "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "sh", "-c", command],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300)
        if done.returncode != status:
            raise AssertionError(f"`{command}` ended with {done.returncode}, not {status}:\n{done.stdout}")
        return done.stdout

    def snapshot(self):
        """Every file that is not noise, with its mode, owner and content."""
        found = {}
        for folder, folders, files in os.walk(self.path):
            inside = pathlib.Path(folder).relative_to(self.path)
            folders[:] = [name for name in folders if str(inside / name) not in NOISE]
            for name in folders + files:
                path = inside / name
                if str(path) in NOISE:
                    continue
                status = (self.path / path).lstat()
                content = ""
                if stat.S_ISLNK(status.st_mode):
                    content = os.readlink(self.path / path)
                elif stat.S_ISREG(status.st_mode):
                    content = hashlib.sha256((self.path / path).read_bytes()).hexdigest()
                found[str(path)] = (oct(status.st_mode), status.st_uid, status.st_gid, content)
        return found

    def read(self, path):
        return (self.path / path.lstrip("/")).read_text()

    def exists(self, path):
        return os.path.lexists(self.path / path.lstrip("/"))


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # As a release has them: without what only debuggers read.
        cls.release = pathlib.Path(tempfile.mkdtemp(prefix="vitrine-release-"))
        cls.addClassCleanup(shutil.rmtree, cls.release)
        cls.release.chmod(0o755)
        for name in ("vitrine", "vitrine-decoder"):
            host("strip", "-o", str(cls.release / name), str(PROGRAMS / name))

    def setUp(self):
        self.root = Root(self.release)
        self.addCleanup(self.root.close)

    def install(self, status=0, options="--from /programs"):
        return self.root.run(f"/source/scripts/install.sh {options}", status)

    def test_installs_and_leaves_no_trace(self):
        before = self.root.snapshot()
        self.install()
        for path in ("/usr/bin/vitrine", "/usr/bin/vitrine-decoder", "/usr/lib/udev/rules.d/60-vitrine.rules"):
            self.assertTrue(self.root.exists(path), path)
        self.assertEqual(self.root.run("systemctl is-enabled vitrine.service").strip(), "enabled")
        user = self.root.run("id vitrine")
        for group in ("video", "render", "spi", "gpio", "i2c"):
            self.assertIn(f"({group})", user)
        unit = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", f"--root={self.root.path}", "vitrine.service"],
            capture_output=True, text=True, timeout=60)
        self.assertEqual(unit.returncode, 0, unit.stderr)
        complaints = [line for line in unit.stderr.splitlines() if "vitrine" in line and "DelegateSubgroup" not in line]
        self.assertEqual(complaints, [])
        # Once more: nothing is asked, nothing changes.
        first = self.root.snapshot()
        self.install()
        self.assertEqual(self.root.snapshot(), first)
        # By the copy that was installed: the checkout may be gone by then.
        self.root.run("/usr/lib/vitrine/uninstall.sh")
        self.assertEqual(self.root.snapshot(), before)

    def test_the_library_stays_until_it_is_purged(self):
        before = self.root.snapshot()
        self.install()
        owner = self.root.run("id -u vitrine")
        self.root.run("install -d -o vitrine -g vitrine /var/lib/vitrine/library && "
                      "echo picture > /var/lib/vitrine/library/one && chown vitrine: /var/lib/vitrine/library/one")
        self.root.run("echo '# mine' >> /etc/vitrine/config.toml")
        self.root.run("/source/scripts/uninstall.sh")
        self.assertEqual(self.root.read("/var/lib/vitrine/library/one"), "picture\n")
        self.assertEqual(self.root.run("stat -c %U /var/lib/vitrine/library/one").strip(), "vitrine")
        self.assertIn("# mine", self.root.read("/etc/vitrine/config.toml"))
        self.assertFalse(self.root.exists("/usr/bin/vitrine"))
        self.assertFalse(self.root.exists("/etc/systemd/system/multi-user.target.wants/vitrine.service"))
        # A later installation goes on with them.
        self.install()
        self.assertEqual(self.root.run("id -u vitrine"), owner)
        self.assertIn("# mine", self.root.read("/etc/vitrine/config.toml"))
        self.root.run("/source/scripts/uninstall.sh")
        self.root.run("/source/scripts/uninstall.sh --purge")
        self.assertEqual(self.root.snapshot(), before)
        # Nothing is there any more, and that is no fault.
        self.root.run("/source/scripts/uninstall.sh --purge")

    def test_groups_of_others_stay(self):
        self.root.run("groupadd --system spi && useradd --system somebody && usermod -a -G spi somebody")
        self.install()
        self.root.run("usermod -a -G gpio somebody")
        self.root.run("/source/scripts/uninstall.sh --purge")
        groups = self.root.read("/etc/group")
        # One was here before, one has somebody else in it by now, one is nobody's.
        self.assertIn("\nspi:", groups)
        self.assertIn("\ngpio:", groups)
        self.assertNotIn("\ni2c:", groups)
        self.assertNotIn("vitrine", self.root.read("/etc/passwd") + groups)

    def test_refuses_before_it_changes_anything(self):
        before = self.root.snapshot()
        self.assertIn("does not hold", self.install(1, "--from /nowhere"))
        self.root.run("mkdir /tmp/other && cp /programs/* /tmp/other/ && "
                      "printf '\\001' | dd of=/tmp/other/vitrine bs=1 seek=18 conv=notrunc 2>/dev/null")
        self.assertIn("another kind of processor", self.install(1, "--from /tmp/other"))
        self.install(2, "--quietly")
        self.assertEqual(self.root.snapshot(), before)
        system = self.root.read("/etc/os-release")
        (self.root.path / "etc/os-release").unlink()
        for text, answer in ((system.replace("ID=debian", "ID=plan9"), "are supported"),
                             ("ID=debian\nVERSION_ID=11\nPRETTY_NAME='Debian 11'\n", "too old")):
            (self.root.path / "etc/os-release").write_text(text)
            self.assertIn(answer, self.install(1))
        self.assertFalse(self.root.exists("/usr/bin/vitrine"))

    def test_a_missing_library_is_installed(self):
        self.root.run("dpkg --purge --force-depends libqrencode4")
        self.assertIn("not found", self.root.run("ldd /programs/vitrine"))
        self.assertIn("installing libqrencode4", self.install())
        self.assertNotIn("not found", self.root.run("ldd /usr/bin/vitrine"))

    def test_a_desktop_keeps_its_screen(self):
        self.root.run("ln -s /usr/lib/systemd/system/some.service /etc/systemd/system/display-manager.service && "
                      "ln -sf /usr/lib/systemd/system/graphical.target /etc/systemd/system/default.target")
        self.assertIn("a desktop has this machine's screen", self.install())
        shown = json.loads(self.root.run("vitrine config show --json"))["settings"]
        order = next(setting for setting in shown if setting["key"] == "display.order")
        self.assertEqual(order["value"], ["spi", "headless"])

    def test_what_is_installed_works(self):
        self.install()
        self.assertEqual(self.root.run("vitrine config check").strip(), "no faults")
        # As the unit would start it, but for the fences.
        self.root.run("install -d -o vitrine -g vitrine -m 750 /var/lib/vitrine /run/vitrine")
        settings = ("VITRINE_DATA_DIRECTORY=/var/lib/vitrine VITRINE_WEB_SOCKET=/run/vitrine/vitrine.sock "
                    "VITRINE_WEB_ADDRESS=127.0.0.1 VITRINE_WEB_PORT=0 VITRINE_DISPLAY_ORDER=headless")
        self.root.run(f"{settings} vitrine run >/tmp/log 2>&1 &", user="vitrine")
        ask = "VITRINE_WEB_SOCKET=/run/vitrine/vitrine.sock vitrine"
        deadline = time.monotonic() + 60
        while not self.root.exists("/run/vitrine/vitrine.sock"):
            self.assertLess(time.monotonic(), deadline, self.root.read("/tmp/log"))
            time.sleep(0.2)
        status = json.loads(self.root.run(f"{ask} status --json"))
        self.assertEqual(status["display"]["driver"], "headless")
        self.assertFalse(status["decoder"]["memory_limit"]["in_force"])
        self.assertIn("control group", status["decoder"]["memory_limit"]["reason"])
        past = json.loads(self.root.run(f"{ask} doctor --json || true").splitlines()[0])["past"]
        self.assertIn(" boot vitrine ", past[0])
        self.root.run("test $(stat -c %s /var/lib/vitrine/faults.log) -eq 262144")


if __name__ == "__main__":
    unittest.main(verbosity=2)
