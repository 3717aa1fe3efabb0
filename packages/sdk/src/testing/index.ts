export {
  createScriptedModel,
  type ReceivedRequest,
  type ScriptedModel,
  type ScriptedModelOptions,
} from './scripted-model.ts'
export type { ModelFault, ScriptedTurn } from './scripted-turn.ts'
export {
  createToolWorld,
  type ArrivedCall,
  type ToolFault,
  type ToolWorld,
  type ToolWorldOptions,
  type WorldTool,
} from './tool-world.ts'
