import { Listr, ListrLogger, ProcessOutput } from 'listr2';
import type { Operation } from './api.ts';
import { isOpen } from './follow.ts';
import type { Paint } from './paint.ts';
import { type Progress, stepLines, titleOf } from './progress.ts';

/** The running times of the steps are drawn anew this often. */
const TICK_MS = 250;

interface Block {
  operation: Operation;
  readonly over: PromiseWithResolvers<void>;
}

/** The part of listr2's task wrapper that is used here. */
interface Drawn {
  output: string;
  skip(message: string): void;
}

const follow = async (block: Block, drawn: Drawn, paint: Paint): Promise<void> => {
  const draw = () => {
    drawn.output = stepLines(block.operation, paint, new Date().toISOString()).join('\n');
  };
  draw();
  const timer = setInterval(draw, TICK_MS);
  await block.over.promise.finally(() => clearInterval(timer));
  draw();
  if (isOpen(block.operation)) drawn.skip('goes on');
  else if (block.operation.state !== 'succeeded') throw new Error(block.operation.error?.name ?? block.operation.state);
};

/** Live steps in a terminal, one block an operation, drawn by listr2 on standard error. */
export const liveProgress = (
  terminal: NodeJS.WriteStream,
  paint: Paint,
  operations: readonly Operation[],
): Progress => {
  const blocks = new Map<string, Block>(
    operations.map((operation) => [operation.id, { operation, over: Promise.withResolvers<void>() }]),
  );
  const list = new Listr(
    [...blocks.values()].map((block) => ({
      title: titleOf(block.operation),
      rendererOptions: { persistentOutput: true },
      task: (_: unknown, drawn: Drawn) => follow(block, drawn, paint),
    })),
    {
      concurrent: true,
      exitOnError: false,
      registerSignalListeners: false,
      rendererOptions: {
        logger: new ListrLogger({ useIcons: true, toStderr: [], processOutput: new ProcessOutput(terminal, terminal) }),
        // A blank as wide as the indentation that listr2 gives to all lines but the first.
        icon: { OUTPUT: ' ', SKIPPED_WITH_COLLAPSE: ' ', SKIPPED_WITHOUT_COLLAPSE: '›' },
        collapseSkips: false,
        showSkipMessage: false,
        showErrorMessage: false,
        collapseErrors: false,
      },
    },
  );
  const drawn = list.run();
  return {
    show(operation) {
      const block = blocks.get(operation.id);
      if (block === undefined) return;
      block.operation = operation;
      if (!isOpen(operation)) block.over.resolve();
    },
    async end() {
      for (const block of blocks.values()) block.over.resolve();
      await drawn;
    },
  };
};
