import type { Node, Values } from './nodes.ts';

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** `name:summary` as _describe reads it. */
const described = (name: string, summary: string): string => quoted(`${name.replaceAll(':', '\\:')}:${summary}`);

const offer = (values: Values): string => {
  if (values === undefined) return '_files';
  return 'words' in values ? `compadd -- ${values.words.join(' ')}` : `_novacron_names ${values.names}`;
};

/** The script for zsh; to lie in $fpath as _novacron, or to be sourced. */
export const zshScript = (nodes: readonly Node[]): string => {
  const steps = nodes
    .filter(({ path }) => path !== '')
    .map(({ path }) => `      ${quoted(path)}) here=${quoted(path)} ;;`);
  const values = nodes.flatMap(({ path, flags }) =>
    flags
      .filter(({ takesValue }) => takesValue)
      .flatMap(({ long, short, values: offered }) =>
        [long, short]
          .filter((word) => word !== undefined)
          .map((word) => `    ${quoted(`${path}:${word}`)}) ${offer(offered)}; return ;;`),
      ),
  );
  const next = nodes.map(({ path, children, flags, argument }) => {
    const options = flags.map(({ long, summary }) => described(long, summary)).join(' ');
    const commands = children.map(({ name, summary }) => described(name, summary)).join(' ');
    const other = children.length > 0 ? `offered=(${commands}); _describe command offered` : offer(argument);
    return `    ${quoted(path)})
      if [[ $PREFIX == -* ]]; then offered=(${options}); _describe option offered; else ${other}; fi ;;`;
  });
  return `#compdef novacron
# novacron completion for zsh: source <(novacron completion zsh)
_novacron_names() {
  local -a names
  names=(\${(f)"$("$words[1]" __names "$1" 2>/dev/null)"})
  compadd -a names
}

_novacron() {
  local here='' word
  local -a offered
  for word in \${words[2,CURRENT-1]}; do
    word="$here $word"
    case "\${word# }" in
${steps.join('\n')}
    esac
  done
  case "$here:$words[CURRENT-1]" in
${values.join('\n')}
  esac
  case "$here" in
${next.join('\n')}
  esac
}

compdef _novacron novacron
`;
};
