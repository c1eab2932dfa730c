/** What VitePress shows above the text of `docs/index.md`: its frontmatter, which would be noise on GitHub. */
export const home = {
  layout: 'home',
  hero: {
    name: 'Heurist SDK',
    text: 'ComfyUI workflows, as one typed call',
    tagline: 'No graph, no socket, no queue, and no GPU on the machine that calls.',
    actions: [
      { theme: 'brand', text: 'Start on a laptop', link: '/start/local-network' },
      { theme: 'alt', text: 'Your app', link: '/start/app' },
      { theme: 'alt', text: 'Your own GPU', link: '/start/own-gpu' },
    ],
  },
  features: [
    {
      title: 'Wait and resume',
      details: 'A restart, a dropped connection or a dead miner costs nothing that was acknowledged.',
      link: '/guides/wait-and-resume',
    },
    {
      title: 'Workflows',
      details: 'Images, videos, music. Typed options, checked before anything is sent.',
      link: '/workflows/',
    },
    {
      title: 'Your own graph',
      details: "From a file of ComfyUI's editor to a package with a task class, in one command.",
      link: '/guides/from-comfyui',
    },
    { title: 'Errors by code', details: 'What each means, and what to do about it.', link: '/guides/errors' },
    {
      title: 'Operate',
      details: 'One machine, a studio, a company. Limits, monitoring, backups, updates.',
      link: '/operate/',
    },
    {
      title: 'Test your app',
      details: 'A sequencer in memory that is slow, full or down when a test says so.',
      link: '/guides/testing',
    },
  ],
};
