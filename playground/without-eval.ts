import * as z from 'zod';

/** The page may not make code of text, so zod must not try to. It decides when a schema is made: this comes first. */
z.config({ jitless: true });
