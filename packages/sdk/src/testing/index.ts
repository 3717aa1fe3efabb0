export {
  createScriptedModel,
  type ReceivedRequest,
  type ScriptedModel,
  type ScriptedModelOptions,
  type ScriptedTurn,
} from './scripted-model.ts'
export {
  createToolWorld,
  type ArrivedCall,
  type ToolFault,
  type ToolWorld,
  type ToolWorldOptions,
} from './tool-world.ts'
