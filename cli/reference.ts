import type { Command, Option } from 'commander';

/** The CLI's reference as Markdown, made of the command tree that parses: `node cli/write-reference.ts`. */

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');

const optionRow = (option: Option): string => {
  const notes = [
    option.mandatory ? 'Required.' : '',
    option.argChoices ? `One of ${option.argChoices.map((choice) => `\`${choice}\``).join(', ')}.` : '',
    option.defaultValue === undefined || option.negate
      ? ''
      : `Default: \`${option.defaultValueDescription ?? option.defaultValue}\`.`,
  ];
  return `| \`${option.flags.replaceAll('|', '\\|')}\` | ${[cell(option.description), ...notes]
    .filter((text) => text !== '')
    .join('. ')
    .replaceAll('.. ', '. ')} |`;
};

const optionTable = (options: readonly Option[]): string[] =>
  options.length === 0 ? [] : ['| option | |', '| --- | --- |', ...options.map(optionRow), ''];

/** Options that many commands share are told once. */
const isShared = ({ helpGroupHeading }: Option): boolean =>
  ['Common options:', 'Waiting:'].includes(helpGroupHeading ?? '');

const pathOf = (command: Command): string =>
  command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;

const section = (command: Command): string[] => {
  const usage = [
    pathOf(command),
    ...command.registeredArguments.map((each) => `<${each.name()}${each.variadic ? '...' : ''}>`),
    '[options]',
  ];
  const alias = command.alias() ? ` Also \`${command.alias()}\`.` : '';
  return [
    `### ${pathOf(command)}`,
    '',
    `${command.description()}.${alias}`,
    '',
    '```',
    usage.join(' '),
    '```',
    '',
    ...optionTable(command.options.filter((option) => !isShared(option))),
  ];
};

const visible = (command: Command): Command[] =>
  command
    .createHelp()
    .visibleCommands(command)
    .filter((each) => each.name() !== 'help');

/** The commands that do something: a noun has some, and a verb may have more below it. */
const leaves = (command: Command): Command[] =>
  visible(command).length > 0 ? visible(command).flatMap(leaves) : [command];

const INTRODUCTION = `# The command \`novacron\`

Made from the command tree by \`node cli/write-reference.ts\`; a test holds it in step.

\`novacron <noun> <verb>\`: names or ids everywhere, several at once where that makes sense. In a clone it is \`npx novacron\`.

## Which plane

First that is there: \`--profile\`, then \`NOVACRON_URL\` with \`NOVACRON_TOKEN\`, then the current profile, then the local plane that
\`npm start\` runs beside the package (\`--profile local\` asks for that one). \`novacron login\` stores a profile in
\`~/.config/novacron/config.json\`, and its token apart from it in \`tokens.json\`, readable by you alone.

## Which project

First that is said: \`--project\`, then \`NOVACRON_PROJECT\`, then the profile (\`novacron login --project\`). Where nothing is said, the plane takes
the only project in which you have a role, else \`default\`. With \`--profile\`, a project of that profile goes before \`NOVACRON_PROJECT\`. More: [projects](projects.md).

## Output

Results go to standard output, progress and remarks to standard error. \`-o json\` and \`-o yaml\` print the API's own JSON: a list
as an array, one named thing as itself, several as an array. \`-o name\` prints a name a line. Colours only in a terminal, and
never with \`NO_COLOR\`.

| exit code | |
| --- | --- |
| 0 | done |
| 1 | failed, refused, or not found |
| 2 | wrong use; the usage line is shown |
| 3 | a plan would change something (\`schedule plan\`); \`--dry-run\` answers 0 |
| 4 | not allowed: no valid token, or the role does not permit it |
| 5 | the time of \`--timeout\` was over; the operation goes on |
| 130 | Ctrl-C; the operation goes on |

## Waiting, trying again

Commands that begin an operation follow it to its end. Ctrl-C ends the watching only: \`novacron op watch\` goes on with it, and
\`novacron op cancel\` stops the operation. Every change is sent with an Idempotency-Key of its own, so that the repeat after a lost
reply, a 429 or a 503 (up to five tries, Retry-After honoured) makes nothing twice.

## What the gateway itself answers

Outside the contract of problem documents, API Gateway answers a few things by itself; the command puts them in words.

| status | meaning | do |
| --- | --- | --- |
| 403 | the AWS identity may not invoke the API (\`login --aws\`), or the URL is wrong | check both with \`novacron doctor\` |
| 404 | no NovaCron API at this address | check the URL |
| 413 | the request is larger than 10 MB | make \`--user-data\` smaller |
| 429 | too many requests | it is tried again by itself |
| 503 | the function was throttled, or took longer than 30 s | it is tried again by itself |

## Completion

\`source <(novacron completion bash)\`, \`source <(novacron completion zsh)\`, \`novacron completion fish | source\`. It completes live names too, and needs
the command on your PATH: \`export PATH="$PWD/node_modules/.bin:$PATH"\` in a clone.
`;

/** The whole page. */
export const referenceOf = (program: Command): string => {
  const nouns = visible(program);
  const [sample] = nouns.flatMap(visible).filter((command) => command.name() === 'create');
  const shared = (heading: string) =>
    sample?.options.filter(({ helpGroupHeading }) => helpGroupHeading === heading) ?? [];
  return [
    INTRODUCTION,
    '## Options of all commands',
    '',
    ...optionTable(shared('Common options:')),
    '## Options of all commands that begin an operation',
    '',
    ...optionTable(shared('Waiting:')),
    '## Commands',
    '',
    ...nouns.flatMap(leaves).flatMap(section),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
};
