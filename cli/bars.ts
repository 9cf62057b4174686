const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
const STEPS = '▁▂▃▄▅▆▇█';

/** A bar of a share (0 to 1) of a width in columns; what is more than nothing shows. */
export const bar = (share: number, width: number): string => {
  const eighths = share <= 0 ? 0 : Math.max(1, Math.round(share * width * 8));
  return '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '');
};

/** A column a value, of the largest among them. */
export const sparkline = (values: readonly number[]): string => {
  const most = Math.max(0, ...values);
  return values
    .map((value) => (value <= 0 ? ' ' : STEPS[Math.min(STEPS.length - 1, Math.floor((value / most) * STEPS.length))]))
    .join('');
};
