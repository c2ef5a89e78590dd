// What the scripts of the pages find beside themselves, for the type check (jsconfig.json).
interface Window {
  // MathJax 3 has no types of its own.
  MathJax: any;
  typesetAll?: () => Promise<unknown>;
}
declare const MiniSearch: any;
