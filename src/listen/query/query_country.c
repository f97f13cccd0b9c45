#include "listen/query/query_country.h"

#include <string.h>

/* alpha-3 directly followed by alpha-2 */
static const char codes[][6] = {
    "AFGAF", "ALAAX", "ALBAL", "DZADZ", "ASMAS", "ANDAD", "AGOAO", "AIAAI", "ATAAQ", "ATGAG",
    "ARGAR", "ARMAM", "ABWAW", "AUSAU", "AUTAT", "AZEAZ", "BHSBS", "BHRBH", "BGDBD", "BRBBB",
    "BLRBY", "BELBE", "BLZBZ", "BENBJ", "BMUBM", "BTNBT", "BOLBO", "BESBQ", "BIHBA", "BWABW",
    "BVTBV", "BRABR", "IOTIO", "BRNBN", "BGRBG", "BFABF", "BDIBI", "CPVCV", "KHMKH", "CMRCM",
    "CANCA", "CYMKY", "CAFCF", "TCDTD", "CHLCL", "CHNCN", "CXRCX", "CCKCC", "COLCO", "COMKM",
    "COGCG", "CODCD", "COKCK", "CRICR", "CIVCI", "HRVHR", "CUBCU", "CUWCW", "CYPCY", "CZECZ",
    "DNKDK", "DJIDJ", "DMADM", "DOMDO", "ECUEC", "EGYEG", "SLVSV", "GNQGQ", "ERIER", "ESTEE",
    "SWZSZ", "ETHET", "FLKFK", "FROFO", "FJIFJ", "FINFI", "FRAFR", "GUFGF", "PYFPF", "ATFTF",
    "GABGA", "GMBGM", "GEOGE", "DEUDE", "GHAGH", "GIBGI", "GRCGR", "GRLGL", "GRDGD", "GLPGP",
    "GUMGU", "GTMGT", "GGYGG", "GINGN", "GNBGW", "GUYGY", "HTIHT", "HMDHM", "VATVA", "HNDHN",
    "HKGHK", "HUNHU", "ISLIS", "INDIN", "IDNID", "IRNIR", "IRQIQ", "IRLIE", "IMNIM", "ISRIL",
    "ITAIT", "JAMJM", "JPNJP", "JEYJE", "JORJO", "KAZKZ", "KENKE", "KIRKI", "PRKKP", "KORKR",
    "KWTKW", "KGZKG", "LAOLA", "LVALV", "LBNLB", "LSOLS", "LBRLR", "LBYLY", "LIELI", "LTULT",
    "LUXLU", "MACMO", "MDGMG", "MWIMW", "MYSMY", "MDVMV", "MLIML", "MLTMT", "MHLMH", "MTQMQ",
    "MRTMR", "MUSMU", "MYTYT", "MEXMX", "FSMFM", "MDAMD", "MCOMC", "MNGMN", "MNEME", "MSRMS",
    "MARMA", "MOZMZ", "MMRMM", "NAMNA", "NRUNR", "NPLNP", "NLDNL", "NCLNC", "NZLNZ", "NICNI",
    "NERNE", "NGANG", "NIUNU", "NFKNF", "MKDMK", "MNPMP", "NORNO", "OMNOM", "PAKPK", "PLWPW",
    "PSEPS", "PANPA", "PNGPG", "PRYPY", "PERPE", "PHLPH", "PCNPN", "POLPL", "PRTPT", "PRIPR",
    "QATQA", "REURE", "ROURO", "RUSRU", "RWARW", "BLMBL", "SHNSH", "KNAKN", "LCALC", "MAFMF",
    "SPMPM", "VCTVC", "WSMWS", "SMRSM", "STPST", "SAUSA", "SENSN", "SRBRS", "SYCSC", "SLESL",
    "SGPSG", "SXMSX", "SVKSK", "SVNSI", "SLBSB", "SOMSO", "ZAFZA", "SGSGS", "SSDSS", "ESPES",
    "LKALK", "SDNSD", "SURSR", "SJMSJ", "SWESE", "CHECH", "SYRSY", "TWNTW", "TJKTJ", "TZATZ",
    "THATH", "TLSTL", "TGOTG", "TKLTK", "TONTO", "TTOTT", "TUNTN", "TURTR", "TKMTM", "TCATC",
    "TUVTV", "UGAUG", "UKRUA", "AREAE", "GBRGB", "USAUS", "UMIUM", "URYUY", "UZBUZ", "VUTVU",
    "VENVE", "VNMVN", "VGBVG", "VIRVI", "WLFWF", "ESHEH", "YEMYE", "ZMBZM", "ZWEZW",
};

bool query_country_alpha2(Str alpha3, char out[2])
{
    if (alpha3.len != 3)
        return false;
    for (size_t i = 0; i < COUNT_OF(codes); i++)
        if (str_eq_nocase(alpha3, (Str){codes[i], 3})) {
            memcpy(out, codes[i] + 3, 2);
            return true;
        }
    return false;
}

bool query_country_is_known(Str alpha2)
{
    for (size_t i = 0; i < COUNT_OF(codes); i++)
        if (str_eq_nocase(alpha2, (Str){codes[i] + 3, 2}))
            return true;
    return false;
}
