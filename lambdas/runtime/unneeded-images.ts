import * as images from '../store/images.ts';

/**
 * Of the images in a host's cache, those that are registered no more and on which no VM stands, a kept one neither. The
 * host judges once more by its own disks: a create that is under way there is not known here to the moment.
 */
export const unneededOf = async (held: readonly string[], at: string): Promise<string[]> => {
  if (held.length === 0) return [];
  const listed = new Set<string>();
  for await (const { id } of images.all()) listed.add(id);
  const unneeded: string[] = [];
  for (const id of held) if (!listed.has(id) && !(await isNeeded(id, at))) unneeded.push(id);
  return unneeded;
};

/** The list lags a moment behind; what it lacks is asked for by itself. */
const isNeeded = async (id: string, at: string): Promise<boolean> =>
  (await images.find(id)) !== undefined || (await images.clonesOf(id, at)).length > 0;
