/* numeric_priv.h - bodies of the branch-free functions, inlined into loops over blocks.
 *
 * A block function is written once as an always-inline body and compiled three times: for the
 * baseline, AVX2 and AVX-512. QUANT_CLONES makes the three and a dispatcher of the linkage given
 * (static or empty). All of them execute
 * the same IEEE operations per element, so they give the same bits; only the width differs.
 */
#ifndef QUANT_NUMERIC_PRIV_H
#define QUANT_NUMERIC_PRIV_H

#include <stdint.h>
#include <string.h>

#define QUANT_INLINE static inline __attribute__((always_inline))

#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define QUANT_CLONES(linkage, name, parameters, arguments)                                         \
    __attribute__((                                                                                \
        target("avx512f,avx512dq,avx512vl,avx512bw"))) static void name##_avx512 parameters        \
    {                                                                                              \
        name##_body arguments;                                                                     \
    }                                                                                              \
    __attribute__((target("avx2"))) static void name##_avx2 parameters                             \
    {                                                                                              \
        name##_body arguments;                                                                     \
    }                                                                                              \
    linkage void name parameters                                                                   \
    {                                                                                              \
        if (__builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&            \
            __builtin_cpu_supports("avx512bw"))                                                    \
            name##_avx512 arguments;                                                               \
        else if (__builtin_cpu_supports("avx2"))                                                   \
            name##_avx2 arguments;                                                                 \
        else                                                                                       \
            name##_body arguments;                                                                 \
    }
#else
#define QUANT_CLONES(linkage, name, parameters, arguments)                                         \
    linkage void name parameters                                                                   \
    {                                                                                              \
        name##_body arguments;                                                                     \
    }
#endif

#define NUMERIC_LN2_HIGH 0x1.62e42feep-1 /* 33 bits: its product with an exponent is exact */
#define NUMERIC_LN2_LOW  0x1.a39ef35793c76p-33
#define NUMERIC_LOG2E    0x1.71547652b82fep0
#define NUMERIC_SHIFT    0x1.8p52 /* added and subtracted: rounds to an integer */

QUANT_INLINE uint64_t numeric_bits(double x)
{
    uint64_t bits;

    memcpy(&bits, &x, sizeof bits);
    return bits;
}

QUANT_INLINE double numeric_from_bits(uint64_t bits)
{
    double x;

    memcpy(&x, &bits, sizeof x);
    return x;
}

/* x = n ln 2 + r, |r| <= ln 2 / 2; e^r by its Taylor polynomial, 2^n by the exponent bits. */
QUANT_INLINE double numeric_exp_inline(double x)
{
    double c = x > 709.0 ? 709.0 : x;
    c = c < -708.0 ? -708.0 : c;
    double shifted = c * NUMERIC_LOG2E + NUMERIC_SHIFT;
    double n = shifted - NUMERIC_SHIFT;
    double r = (c - n * NUMERIC_LN2_HIGH) - n * NUMERIC_LN2_LOW;
    double p = 1.0 / 6227020800.0;

    p = p * r + 1.0 / 479001600.0;
    p = p * r + 1.0 / 39916800.0;
    p = p * r + 1.0 / 3628800.0;
    p = p * r + 1.0 / 362880.0;
    p = p * r + 1.0 / 40320.0;
    p = p * r + 1.0 / 5040.0;
    p = p * r + 1.0 / 720.0;
    p = p * r + 1.0 / 120.0;
    p = p * r + 1.0 / 24.0;
    p = p * r + 1.0 / 6.0;
    p = p * r + 0.5;
    p = p * r + 1.0;
    p = p * r + 1.0;
    double scale = numeric_from_bits((numeric_bits(shifted) + 1023) << 52);
    double y = p * scale;
    y = x > 709.0 ? numeric_from_bits(UINT64_C(0x7ff) << 52) : y;
    return x < -708.0 ? 0.0 : y;
}

/* x = 2^k m, m in [sqrt(1/2), sqrt(2)); log m = 2 artanh(s), s = (m - 1) / (m + 1). */
QUANT_INLINE double numeric_log_inline(double x)
{
    uint64_t bits = numeric_bits(x);
    uint64_t biased = (bits - UINT64_C(0x3fe6a09e667f3bcd) + (UINT64_C(1023) << 52)) >> 52;
    double k = numeric_from_bits(biased | UINT64_C(0x4330000000000000)) - 0x1p52 - 1023.0;
    double m = numeric_from_bits(bits - (biased << 52) + (UINT64_C(1023) << 52));
    double f = m - 1.0, s = f / (2.0 + f), z = s * s;
    double p = 1.0 / 23.0;

    p = p * z + 1.0 / 21.0;
    p = p * z + 1.0 / 19.0;
    p = p * z + 1.0 / 17.0;
    p = p * z + 1.0 / 15.0;
    p = p * z + 1.0 / 13.0;
    p = p * z + 1.0 / 11.0;
    p = p * z + 1.0 / 9.0;
    p = p * z + 1.0 / 7.0;
    p = p * z + 1.0 / 5.0;
    p = p * z + 1.0 / 3.0;
    /* 2 s = f - s f, which keeps the leading term exact. */
    return k * NUMERIC_LN2_HIGH + (f - (s * f - 2.0 * s * z * p - k * NUMERIC_LN2_LOW));
}

/* The centre, |p - 1/2| <= 0.425. */
QUANT_INLINE double numeric_quantile_centre(double q)
{
    double r = 0.180625 - q * q;
    double a = 2.5090809287301226727e+3, b = 5.2264952788528545610e+3;

    a = a * r + 3.3430575583588128105e+4;
    b = b * r + 2.8729085735721942674e+4;
    a = a * r + 6.7265770927008700853e+4;
    b = b * r + 3.9307895800092710610e+4;
    a = a * r + 4.5921953931549871457e+4;
    b = b * r + 2.1213794301586595867e+4;
    a = a * r + 1.3731693765509461125e+4;
    b = b * r + 5.3941960214247511077e+3;
    a = a * r + 1.9715909503065514427e+3;
    b = b * r + 6.8718700749205790830e+2;
    a = a * r + 1.3314166789178437745e+2;
    b = b * r + 4.2313330701600911252e+1;
    a = a * r + 3.3871328727963666080e+0;
    b = b * r + 1.0;
    return q * a / b;
}

/* Magnitude in the tail up to r = sqrt(-log p) = 5. */
QUANT_INLINE double numeric_quantile_tail(double root)
{
    double r = root - 1.6;
    double a = 7.74545014278341407640e-4, b = 1.05075007164441684324e-9;

    a = a * r + 2.27238449892691845833e-2;
    b = b * r + 5.47593808499534494600e-4;
    a = a * r + 2.41780725177450611770e-1;
    b = b * r + 1.51986665636164571966e-2;
    a = a * r + 1.27045825245236838258e+0;
    b = b * r + 1.48103976427480074590e-1;
    a = a * r + 3.64784832476320460504e+0;
    b = b * r + 6.89767334985100004550e-1;
    a = a * r + 5.76949722146069140550e+0;
    b = b * r + 1.67638483018380384940e+0;
    a = a * r + 4.63033784615654529590e+0;
    b = b * r + 2.05319162663775882187e+0;
    a = a * r + 1.42343711074968357734e+0;
    b = b * r + 1.0;
    return a / b;
}

/* Magnitude in the far tail, r > 5 (p < 1.4e-11). */
QUANT_INLINE double numeric_quantile_far(double root)
{
    double r = root - 5.0;
    double a = 2.01033439929228813265e-7, b = 2.04426310338993978564e-15;

    a = a * r + 2.71155556874348757815e-5;
    b = b * r + 1.42151175831644588870e-7;
    a = a * r + 1.24266094738807843860e-3;
    b = b * r + 1.84631831751005468180e-5;
    a = a * r + 2.65321895265761230930e-2;
    b = b * r + 7.86869131145613259100e-4;
    a = a * r + 2.96560571828504891230e-1;
    b = b * r + 1.48753612908506148525e-2;
    a = a * r + 1.78482653991729133580e+0;
    b = b * r + 1.36929880922735805310e-1;
    a = a * r + 5.46378491116411436990e+0;
    b = b * r + 5.99832206555887937690e-1;
    a = a * r + 6.65790464350110377720e+0;
    b = b * r + 1.0;
    return a / b;
}

QUANT_INLINE double numeric_normal_quantile_inline(double p)
{
    double q = p - 0.5;
    double smaller = q < 0.0 ? p : 1.0 - p;
    double root = __builtin_sqrt(-numeric_log_inline(smaller));
    double near = numeric_quantile_tail(root), far = numeric_quantile_far(root);
    double tail = root > 5.0 ? far : near;
    double size = q < 0.0 ? -q : q;

    tail = q < 0.0 ? -tail : tail;
    return size <= 0.425 ? numeric_quantile_centre(q) : tail;
}

/* (1 + 2x) e^(x^2) erfc(x) is smooth in t = (x - 3.75) / (x + 3.75) (Shepherd and Laframboise,
 * Mathematics of Computation 36, 1981). The polynomial in t was fitted with 60 digits at 40
 * Chebyshev nodes. */
QUANT_INLINE double numeric_normal_cdf_inline(double y)
{
    double size = y < 0.0 ? -y : y;
    size = size > 40.0 ? 40.0 : size;
    double x = size * 0x1.6a09e667f3bcdp-1;
    double t = (x - 3.75) / (x + 3.75);
    double p = 3.11143338097992648124e-10;

    p = p * t + -2.62310734713347593420e-09;
    p = p * t + -3.74421008096201909971e-09;
    p = p * t + 3.19792667166680420531e-08;
    p = p * t + 2.32635087088591238380e-08;
    p = p * t + -2.48571262480167446971e-07;
    p = p * t + -5.72182306032240925663e-08;
    p = p * t + 1.74198215862248163259e-06;
    p = p * t + -9.73559896736774970096e-07;
    p = p * t + -1.14380480333468935276e-05;
    p = p * t + 2.23842391550822305613e-05;
    p = p * t + 5.16465297417741621617e-05;
    p = p * t + -2.90154080540841723818e-04;
    p = p * t + 2.93714378044958009453e-04;
    p = p * t + 1.75562585289529542870e-03;
    p = p * t + -9.74657968326526208402e-03;
    p = p * t + 2.83622774189564059999e-02;
    p = p * t + -5.86933985766493401814e-02;
    p = p * t + 9.23043211603774838014e-02;
    p = p * t + -1.08803930142444618689e-01;
    p = p * t + 8.22767384901452042412e-02;
    p = p * t + 3.58541548547902568650e-03;
    p = p * t + -1.40240598585546966115e-01;
    p = p * t + 1.23751263083782747643e+00;
    double tail = 0.5 * numeric_exp_inline(-0.5 * size * size) * p / (1.0 + 2.0 * x);
    return y < 0.0 ? tail : 1.0 - tail;
}

#endif
