import type { Flag, Node, Values } from './nodes.ts';

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

const offer = (values: Values): string => {
  if (values === undefined) return '';
  return 'words' in values ? ` -a ${quoted(values.words.join(' '))}` : ` -a '(__novacron_names ${values.names})'`;
};

const flagLine = (at: string, { long, short, summary, takesValue, values }: Flag): string => {
  const letter = short === undefined ? '' : ` -s ${short.replace(/^-/, '')}`;
  // -x: a value follows, and it is no file; -r: it may be one.
  const value = takesValue ? `${values === undefined ? ' -r' : ' -x'}${offer(values)}` : '';
  return `complete -c novacron -n ${at} -l ${long.replace(/^--/, '')}${letter}${value} -d ${quoted(summary)}`;
};

/** The script for fish. */
export const fishScript = (nodes: readonly Node[]): string => {
  const paths = nodes.filter(({ path }) => path !== '').map(({ path }) => quoted(path));
  const lines = nodes.flatMap(({ path, children, flags, argument }) => {
    const at = quoted(`__novacron_at ${quoted(path)}`);
    return [
      ...children.map(({ name, summary }) => `complete -c novacron -f -n ${at} -a ${name} -d ${quoted(summary)}`),
      ...(argument === undefined ? [] : [`complete -c novacron -f -n ${at}${offer(argument)}`]),
      ...flags.map((flag) => flagLine(at, flag)),
    ];
  });
  return `# novacron completion for fish: novacron completion fish | source
function __novacron_at
    set -l here ''
    for word in (commandline -opc)[2..-1]
        set -l next (string trim "$here $word")
        if contains -- $next ${paths.join(' ')}
            set here $next
        end
    end
    test "$here" = "$argv[1]"
end

function __novacron_names
    set -l command (commandline -opc)[1]
    $command __names $argv[1] 2>/dev/null
end

complete -c novacron -f
${lines.join('\n')}
`;
};
