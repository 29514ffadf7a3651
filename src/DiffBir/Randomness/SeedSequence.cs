namespace DiffBir.Randomness;

/// <summary>NumPy's <c>SeedSequence</c>: hashes a seed and a place in a tree of generators into further seeds.</summary>
/// <remarks>M. O'Neill's <c>seed_seq_fe</c>, see the NumPy enhancement proposal 19.</remarks>
internal static class SeedSequence
{
    private const uint InitA = 0x43b0_d7e5;
    private const uint MultiplierA = 0x931e_8875;
    private const uint InitB = 0x8b51_f9dd;
    private const uint MultiplierB = 0x58f3_8ded;
    private const uint MixLeft = 0xca01_f9dd;
    private const uint MixRight = 0x4973_f715;

    /// <summary><c>SeedSequence(entropy, spawn_key=key, pool_size=poolSize).generate_state(words)</c>.</summary>
    /// <param name="entropy">The seed.</param>
    /// <param name="key">The place in the tree; empty for the root.</param>
    /// <param name="poolSize">The words of the pool.</param>
    /// <param name="words">How many seeds to make.</param>
    public static uint[] Generate(UInt128 entropy, ReadOnlySpan<UInt128> key, int poolSize, int words)
    {
        var pool = Mix(Assemble(entropy, key, poolSize), poolSize);
        var hash = InitB;
        var state = new uint[words];
        for (var i = 0; i < words; i++)
        {
            state[i] = Hash(pool[i % poolSize], ref hash, MultiplierB);
        }

        return state;
    }

    private static List<uint> Assemble(UInt128 entropy, ReadOnlySpan<UInt128> key, int poolSize)
    {
        var words = new List<uint>();
        AddWords(words, entropy);
        while (key.Length > 0 && words.Count < poolSize)
        {
            words.Add(0);
        }

        foreach (var number in key)
        {
            AddWords(words, number);
        }

        return words;
    }

    private static void AddWords(List<uint> words, UInt128 number)
    {
        do
        {
            words.Add((uint)number);
            number >>= 32;
        } while (number > 0);
    }

    private static uint[] Mix(List<uint> entropy, int poolSize)
    {
        var hash = InitA;
        var pool = new uint[poolSize];
        for (var i = 0; i < poolSize; i++)
        {
            pool[i] = Hash(i < entropy.Count ? entropy[i] : 0, ref hash, MultiplierA);
        }

        for (var source = 0; source < poolSize; source++)
        {
            for (var target = 0; target < poolSize; target++)
            {
                if (source != target)
                {
                    pool[target] = Mix(pool[target], Hash(pool[source], ref hash, MultiplierA));
                }
            }
        }

        for (var source = poolSize; source < entropy.Count; source++)
        {
            for (var target = 0; target < poolSize; target++)
            {
                pool[target] = Mix(pool[target], Hash(entropy[source], ref hash, MultiplierA));
            }
        }

        return pool;
    }

    private static uint Hash(uint value, ref uint hash, uint multiplier)
    {
        value ^= hash;
        hash *= multiplier;
        value *= hash;
        return value ^ (value >> 16);
    }

    private static uint Mix(uint left, uint right)
    {
        var mixed = (MixLeft * left) - (MixRight * right);
        return mixed ^ (mixed >> 16);
    }
}
