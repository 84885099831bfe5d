declare module '*.graphql' {
  const text: string;
  export default text;
}
declare module '*.css';
declare var MonacoEnvironment: { getWorker(id: string, label: string): Worker };
