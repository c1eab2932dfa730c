// Runs on whatever `node` the scripts see: the pinned one from node_modules/.bin, or the host's.
const want = [22, 18];
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < want[0] || (major === want[0] && minor < want[1])) {
  console.error(
    `This workspace needs Node ${want.join('.')} or newer, but its scripts run on ${process.version}.\n` +
      'On Linux (x64, arm64) the install brings its own Node; elsewhere install Node 24 first.',
  );
  process.exit(1);
}
