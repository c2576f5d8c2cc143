/// <summary>A message that the rule must find: without a namespace its address would be nobody's.</summary>
internal sealed record NoNamespaceMessage;
