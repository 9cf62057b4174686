import type { Flag, Node, Values } from './nodes.ts';

const offer = (values: Values): string => {
  if (values === undefined) return 'COMPREPLY=()';
  return 'words' in values ? `_novacron_offer ${values.words.join(' ')}` : `_novacron_names ${values.names}`;
};

const patternOf = ({ long, short }: Flag, path: string): string =>
  [long, short]
    .filter((word) => word !== undefined)
    .map((word) => `'${path}:${word}'`)
    .join('|');

/** The script for bash 4 or newer; names come from `__names`, and are compared, never expanded. */
export const bashScript = (nodes: readonly Node[]): string => {
  const steps = nodes.filter(({ path }) => path !== '').map(({ path }) => `      '${path}') path='${path}' ;;`);
  const values = nodes.flatMap(({ path, flags }) =>
    flags
      .filter(({ takesValue }) => takesValue)
      .map((flag) => `    ${patternOf(flag, path)}) ${offer(flag.values)}; return ;;`),
  );
  const flags = nodes.map(
    ({ path, flags }) => `      '${path}') _novacron_offer ${flags.map(({ long }) => long).join(' ')} ;;`,
  );
  const next = nodes.map(({ path, children, argument }) => {
    const offered = children.length > 0 ? { words: children.map(({ name }) => name) } : argument;
    return `    '${path}') ${offer(offered)} ;;`;
  });
  return `# novacron completion for bash: source <(novacron completion bash)
_novacron_offer() {
  local word
  COMPREPLY=()
  for word in "$@"; do
    if [[ $word == "$cur"* ]]; then COMPREPLY+=("$word"); fi
  done
}

_novacron_names() {
  local -a names
  mapfile -t names < <("$command" __names "$1" 2>/dev/null)
  _novacron_offer "\${names[@]}"
}

_novacron() {
  local command=\${COMP_WORDS[0]} cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} path='' word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    word="$path $word"
    case "\${word# }" in
${steps.join('\n')}
    esac
  done
  case "$path:$prev" in
${values.join('\n')}
  esac
  if [[ $cur == -* ]]; then
    case "$path" in
${flags.join('\n')}
    esac
    return
  fi
  case "$path" in
${next.join('\n')}
  esac
}

complete -o default -F _novacron novacron
`;
};
