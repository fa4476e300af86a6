// Compile a .ksy document, JSON on stdin, to the language that the first argument names; JSON of files on stdout.
const compiler = require("../../codegen/node/node_modules/kaitai-struct-compiler");
const { readFileSync } = require("node:fs");

compiler.compile(process.argv[2], JSON.parse(readFileSync(0, "utf8")), null, false).then(
  (files) => process.stdout.write(JSON.stringify(files)),
  (error) => {
    process.stderr.write(`${error}\n`);
    process.exit(1);
  },
);
