namespace DiffBir.Primitives;

/// <summary>Options that belong together, in the order of a help.</summary>
internal enum OptionGroup
{
    /// <summary>What everybody may want to change.</summary>
    Result,

    /// <summary>How faces in a whole photo are restored.</summary>
    Faces,

    /// <summary>How the result is written.</summary>
    Files,

    /// <summary>What the computation may use. Who runs the machine decides on these, not who sends it a photo.</summary>
    Computation,

    /// <summary>How the picture is generated.</summary>
    Generation,

    /// <summary>How the picture is kept near the cleaned photo.</summary>
    Guidance,

    /// <summary>What models of one step have besides.</summary>
    OneStep,
}
