import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../lib/bundles.ts';
import { hitsOf } from '../support/forbidden.ts';

/** What people write never becomes code, a shell's line or markup by being pasted into a string: no file of ours does that. */
const files = (...kinds: string[]): string[] =>
  execFileSync('git', ['ls-files', '-z', ...kinds], { cwd: ROOT, encoding: 'utf8' })
    .split('\0')
    .filter(Boolean);

/** Where a rule is broken on purpose. */
const ON_PURPOSE: readonly { readonly file: string; readonly rule: string; readonly why: string }[] = [
  {
    file: 'local/libvirt-hosts.ts',
    rule: 'a script that is put together',
    why: 'types the line of an enrolment on a host of this machine, as a person does: the line is the API’s own',
  },
  {
    file: 'local/ssm-agent/worker.py',
    rule: 'a script that is put together',
    why: 'runs a step as amazon-ssm-agent does: `sh -c` and the path of the script it has written',
  },
];

/** Without what is on purpose, which must be there, once. */
const unexplained = <Hit extends { readonly file: string; readonly rule: string }>(
  hits: readonly Hit[],
  kind: RegExp,
): Hit[] => {
  const isExplained = ({ file, rule }: Hit) => ON_PURPOSE.some((each) => each.file === file && each.rule === rule);
  expect(hits.filter(isExplained)).toHaveLength(ON_PURPOSE.filter(({ file }) => kind.test(file)).length);
  return hits.filter((hit) => !isExplained(hit));
};

/** Benchmarks play other people's services, as tests do. */
const isProduct = (file: string): boolean => !/^(test|bench)\//.test(file);

const pythonHits = (
  scope: string,
  paths: readonly string[],
  input = '',
): { file: string; rule: string; line: number }[] =>
  JSON.parse(
    execFileSync('/usr/bin/python3', [join(ROOT, 'test/support/forbidden.py'), scope, ...paths], {
      cwd: ROOT,
      encoding: 'utf8',
      input,
    }),
  );

describe('no file runs text as code, calls a shell by a string, or writes markup by strings', () => {
  it('of TypeScript and JavaScript', () => {
    const all = files('*.ts', '*.js', '*.cjs', '*.mjs');
    expect(all.length).toBeGreaterThan(400);
    const hits = all.flatMap((file) =>
      hitsOf(file, readFileSync(join(ROOT, file), 'utf8'), isProduct(file)).map((hit) => ({ file, ...hit })),
    );
    expect(unexplained(hits, /ts$/)).toEqual([]);
  });

  it('of Python', () => {
    const all = files('*.py');
    expect(all.length).toBeGreaterThan(100);
    expect(unexplained(pythonHits('product', all.filter(isProduct)), /py$/)).toEqual([]);
    expect(
      pythonHits(
        'tests',
        all.filter((file) => !isProduct(file)),
      ),
    ).toEqual([]);
  });
});

describe('the rule finds what it forbids', () => {
  it.each([
    ['a shell by exec, or by a name that hides it', "import { exec } from 'node:child_process';"],
    ['a shell by exec, or by a name that hides it', "import { execSync as run } from 'child_process';"],
    ['a shell by exec, or by a name that hides it', "import * as processes from 'node:child_process';"],
    ['a shell by an option', "spawn('ls', [], { shell: true });"],
    ['a shell by an option', "spawn('ls', [], { shell: '/bin/bash' });"],
    ['text run as code', 'eval(text);'],
    ['text run as code', "const sum = new Function('a', 'b', text);"],
    ['text run as code', "setTimeout('work()', 10);"],
    ['a module for running text', "import { runInNewContext } from 'node:vm';"],
    ['a script that is put together', "spawn('sh', ['-ec', 'virsh start ' + name]);"],
    ['markup by strings', `const xml = \`<name>$\{name}</name>\`;`],
    ['markup by strings', "const xml = '<disk file=\"' + path + '\"/>';"],
  ])('%s: %s', (rule, text) => {
    expect(hitsOf('sample.ts', text, true)).toMatchObject([{ rule, line: 1 }]);
  });

  it.each([
    ['a shell by a call', 'import os\nos.system("ls")'],
    ['a shell by a call', 'import subprocess\nsubprocess.getoutput(line)'],
    ['a shell by a name that hides it', '\nfrom os import system'],
    ['a shell by an option', 'import subprocess\nsubprocess.run(line, shell=True)'],
    ['text run as code', '\neval(text)'],
    ['text run as code', '\nexec(text)'],
    ['a script that is put together', 'import subprocess\nsubprocess.run(["sh", "-c", f"virsh start {name}"])'],
    ['markup by strings', '\nxml = f"<name>{name}</name>"'],
    ['markup by strings', '\nxml = "<disk file=\'%s\'/>" % path'],
    ['markup by strings', '\nxml = "<name>{}</name>".format(name)'],
  ])('in Python, %s: %s', (rule, text) => {
    expect(pythonHits('product', ['-'], text)).toEqual([{ file: '-', rule, line: 2 }]);
  });

  it('and lets be what only looks like it', () => {
    const harmless = [
      "import { execFile } from 'node:child_process';",
      "spawn('ls', [], { shell: false });",
      `const usage = \`novacron vm show <name> $\{more}\`;`,
      "spawn('sh', ['-c', 'command -v \"$1\"', 'sh', program]);",
      "const fixed = '<name>' + '</name>';",
      `const escaped = html\`<b title="$\{name}">$\{name}</b>\`;`,
    ];
    for (const text of harmless) expect(hitsOf('sample.ts', text, true), text).toEqual([]);
    expect(pythonHits('product', ['-'], 'xml = "<a/>"\nrun(["sh", "-c", "ls"])\nx.exec("q")')).toEqual([]);
  });
});
