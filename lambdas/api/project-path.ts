import * as z from 'zod';
import { ProjectId } from '../domain/project.ts';

/** Path of a project. */
export const ProjectPath = z.strictObject({ id: ProjectId });
