// Runs a Python script on the CPython of pyodide, as `python SCRIPT ARGUMENT …` would.
// It sees no more of this machine than the directories that its arguments are, or are in.
import { readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { loadPyodide } from "pyodide";

const [script, ...paths] = process.argv.slice(2);
const python = await loadPyodide();
for (const path of paths) {
  const directory = statSync(path).isDirectory() ? path : dirname(path);
  python.FS.mkdirTree(directory);
  python.FS.mount(python.FS.filesystems.NODEFS, { root: directory }, directory);
}
python.setStdout({ batched: (line) => process.stdout.write(line + "\n") });
python.globals.set("argv", python.toPy([script, ...paths]));
python.runPython("import sys; sys.argv = argv");
python.runPython(readFileSync(script, "utf8"));
