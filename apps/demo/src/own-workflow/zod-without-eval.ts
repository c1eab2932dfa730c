import * as z from 'zod/mini';

// The page's rules allow no code from texts, which zod would try. Schemas look when they are made: this must be imported before them.
z.config({ jitless: true });
