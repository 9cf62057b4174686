/** How deep rules are made of rules: a composite of composites of composites is as much as a person follows. */
export const DEEPEST = 5;
