/**
 * Fills in the templates that people wrote for receivers. It is needed by who writes such, and is nothing to load with each cold
 * start: this file is bundled by itself and lies beside the function's code (lib/bundles.ts).
 */
export { filledTexts, previewedTexts } from '../domain/alerts/go-template/filled-texts.ts';
